n, m = map(int, input().split())
g = [input() for _ in range(n)]
parent = list(range(n * m))


def find(x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


for i in range(n):
    for j in range(m):
        if g[i][j] == "#":
            if i and g[i - 1][j] == "#":
                parent[find(i * m + j)] = find(i * m - m + j)
            if j and g[i][j - 1] == "#":
                parent[find(i * m + j)] = find(i * m + j - 1)
print(sum(parent[i * m + j] == i * m + j and g[i][j] == "#" for i in range(n) for j in range(m)))
