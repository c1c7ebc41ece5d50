# peel leaves
n = int(input())
g = [dict() for _ in range(n + 1)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u][v] = w
    g[v][u] = w
reach = [0] * (n + 1)
leaves = [u for u in range(1, n + 1) if len(g[u]) == 1]
ans = 0
while leaves:
    u = leaves.pop()
    if not g[u]:
        continue
    ((v, w),) = g[u].items()
    ans = max(ans, reach[v] + reach[u] + w)
    reach[v] = max(reach[v], reach[u] + w)
    g[u].clear()
    del g[v][u]
    if len(g[v]) == 1:
        leaves.append(v)
print(ans)
