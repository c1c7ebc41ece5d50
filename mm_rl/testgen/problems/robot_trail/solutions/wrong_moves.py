# counts moves, not different cells
x = y = 0
dx, dy = 0, 1
count = 1
for c in input():
    if c == "L":
        dx, dy = -dy, dx
    elif c == "R":
        dx, dy = dy, -dx
    else:
        x += dx
        y += dy
        count += 1
print(x, y, count)
