x = y = 0
dx, dy = 0, 1
seen = {(0, 0)}
for c in input():
    if c == "L":
        dx, dy = -dy, dx
    elif c == "R":
        dx, dy = dy, -dx
    else:
        x += dx
        y += dy
        seen.add((x, y))
print(x, y, len(seen))
