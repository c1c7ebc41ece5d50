# grow the tree from node 1 and keep the two ends of its longest way
n = int(input())
g = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u].append((v, w))
    g[v].append((u, w))
dist = [0] * (n + 1)
order, seen = [1], {1}
for u in order:
    for v, w in g[u]:
        if v not in seen:
            seen.add(v)
            dist[v] = dist[u] + w
            order.append(v)
end = max(order, key=lambda v: dist[v])
d2 = {end: 0}
order = [end]
for u in order:
    for v, w in g[u]:
        if v not in d2:
            d2[v] = d2[u] + w
            order.append(v)
print(max(d2.values()))
