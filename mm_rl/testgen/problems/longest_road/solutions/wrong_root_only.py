# the two deepest branches of village 1 only
n = int(input())
g = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u].append((v, w))
    g[v].append((u, w))
ways = [0, 0]
for child, first in g[1]:
    dist = {1: 0, child: first}
    order = [child]
    for u in order:
        for v, w in g[u]:
            if v not in dist:
                dist[v] = dist[u] + w
                order.append(v)
    ways.append(max(dist.values()))
print(sum(sorted(ways)[-2:]))
