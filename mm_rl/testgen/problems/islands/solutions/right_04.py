import sys
sys.setrecursionlimit(100000)
n, m = map(int, input().split())
g = ["." * (m + 2)] + ["." + input() + "." for _ in range(n)] + ["." * (m + 2)]
seen = [[False] * (m + 2) for _ in range(n + 2)]


def fill(i, j):
    if seen[i][j] or g[i][j] == ".":
        return
    seen[i][j] = True
    fill(i + 1, j)
    fill(i - 1, j)
    fill(i, j + 1)
    fill(i, j - 1)


k = 0
for i in range(1, n + 1):
    for j in range(1, m + 1):
        if g[i][j] == "#" and not seen[i][j]:
            k += 1
            fill(i, j)
print(k)
