# never walks up or left
n, m = map(int, input().split())
g = [list(input()) for _ in range(n)]
k = 0
for i in range(n):
    for j in range(m):
        if g[i][j] == "#":
            k += 1
            stack = [(i, j)]
            while stack:
                x, y = stack.pop()
                if x < n and y < m and g[x][y] == "#":
                    g[x][y] = "."
                    stack += [(x + 1, y), (x, y + 1)]
print(k)
