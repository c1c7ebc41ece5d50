# Dijkstra twice
import heapq

n = int(input())
g = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    a, b, c = map(int, input().split())
    g[a].append((b, c))
    g[b].append((a, c))


def dijkstra(s):
    d = [float("inf")] * (n + 1)
    d[s] = 0
    h = [(0, s)]
    last = s
    while h:
        x, u = heapq.heappop(h)
        if x > d[u]:
            continue
        last = u
        for v, w in g[u]:
            if x + w < d[v]:
                d[v] = x + w
                heapq.heappush(h, (d[v], v))
    return last, d[last]


a, _ = dijkstra(1)
print(dijkstra(a)[1])
