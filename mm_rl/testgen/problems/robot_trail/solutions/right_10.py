from functools import reduce
seen = {(0, 0)}


def step(state, c):
    x, y, dx, dy = state
    if c == "L":
        return x, y, -dy, dx
    if c == "R":
        return x, y, dy, -dx
    seen.add((x + dx, y + dy))
    return x + dx, y + dy, dx, dy


x, y, _, _ = reduce(step, input(), (0, 0, 0, 1))
print(x, y, len(seen))
