from collections import defaultdict
rows = defaultdict(set)
rows[0].add(0)
x, y, d = 0, 0, 0
for c in input():
    d += {"L": -1, "R": 1, "F": 0}[c]
    if c == "F":
        k = d % 4
        if k == 0:
            y += 1
        elif k == 1:
            x += 1
        elif k == 2:
            y -= 1
        else:
            x -= 1
        rows[y].add(x)
print(x, y, sum(map(len, rows.values())))
