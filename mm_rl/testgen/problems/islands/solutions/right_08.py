# smallest label spreads along islands
n, m = map(int, input().split())
g = [input() for _ in range(n)]
neighbours = {}
for i in range(n):
    for j in range(m):
        if g[i][j] == "#":
            neighbours[i, j] = [(a, b) for a, b in ((i - 1, j), (i, j - 1), (i + 1, j), (i, j + 1))
                                if 0 <= a < n and 0 <= b < m and g[a][b] == "#"]
label = {}
for cell in neighbours:
    if cell in label:
        continue
    label[cell] = cell
    queue = [cell]
    while queue:
        new = []
        for c in queue:
            for d in neighbours[c]:
                if d not in label:
                    label[d] = cell
                    new.append(d)
        queue = new
print(len(set(label.values())))
