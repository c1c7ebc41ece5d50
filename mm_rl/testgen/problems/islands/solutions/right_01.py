n, m = map(int, input().split())
g = [list(input()) for _ in range(n)]
count = 0
for i in range(n):
    for j in range(m):
        if g[i][j] != "#":
            continue
        count += 1
        stack = [(i, j)]
        g[i][j] = "."
        while stack:
            x, y = stack.pop()
            for a, b in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if 0 <= a < n and 0 <= b < m and g[a][b] == "#":
                    g[a][b] = "."
                    stack.append((a, b))
print(count)
