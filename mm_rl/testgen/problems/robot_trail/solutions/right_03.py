D = [(0, 1), (1, 0), (0, -1), (-1, 0)]
d = 0
pos = [(0, 0)]
for c in input():
    if c == "R":
        d = (d + 1) % 4
    elif c == "L":
        d = (d + 3) % 4
    else:
        pos.append((pos[-1][0] + D[d][0], pos[-1][1] + D[d][1]))
print(*pos[-1], len(set(pos)))
