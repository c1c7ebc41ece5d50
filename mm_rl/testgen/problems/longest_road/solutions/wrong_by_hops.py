# the end is the farthest by number of roads, not by length
n = int(input())
g = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u].append((v, w))
    g[v].append((u, w))


def search(s):
    hops, dist = {s: 0}, {s: 0}
    order = [s]
    for u in order:
        for v, w in g[u]:
            if v not in dist:
                hops[v], dist[v] = hops[u] + 1, dist[u] + w
                order.append(v)
    return hops, dist


hops, _ = search(1)
end = max(hops, key=hops.get)
_, dist = search(end)
print(max(dist.values()))
