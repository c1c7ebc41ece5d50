# order by search, then children before parents
n = int(input())
g = [[] for _ in range(n)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u - 1].append((v - 1, w))
    g[v - 1].append((u - 1, w))
order, parent, up = [0], [-1] * n, [0] * n
for u in order:
    for v, w in g[u]:
        if v != parent[u]:
            parent[v], up[v] = u, w
            order.append(v)
down = [0] * n
ans = 0
for u in reversed(order):
    p = parent[u]
    if p >= 0:
        length = down[u] + up[u]
        ans = max(ans, down[p] + length)
        down[p] = max(down[p], length)
print(ans)
