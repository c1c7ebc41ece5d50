# the default recursion limit is too low for large islands
n, m = map(int, input().split())
g = [list(input()) for _ in range(n)]


def fill(i, j):
    if 0 <= i < n and 0 <= j < m and g[i][j] == "#":
        g[i][j] = "."
        fill(i + 1, j)
        fill(i - 1, j)
        fill(i, j + 1)
        fill(i, j - 1)


k = 0
for i in range(n):
    for j in range(m):
        if g[i][j] == "#":
            k += 1
            fill(i, j)
print(k)
