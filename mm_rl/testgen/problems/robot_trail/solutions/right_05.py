# cells as one number
W = 100003
step = [W, 1, -W, -1]
d = 0
p = 0
cells = {0}
x = y = 0
for c in input():
    if c == "F":
        p += step[d]
        cells.add(p)
        x += (0, 1, 0, -1)[d]
        y += (1, 0, -1, 0)[d]
    else:
        d = (d + (1 if c == "R" else -1)) & 3
print(x, y, len(cells))
