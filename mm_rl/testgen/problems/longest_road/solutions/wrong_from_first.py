# only ways that start at village 1
n = int(input())
g = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u].append((v, w))
    g[v].append((u, w))
dist = {1: 0}
order = [1]
for u in order:
    for v, w in g[u]:
        if v not in dist:
            dist[v] = dist[u] + w
            order.append(v)
print(max(dist.values()))
