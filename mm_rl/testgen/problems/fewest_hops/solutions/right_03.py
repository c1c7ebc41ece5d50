import heapq

n, m = map(int, input().split())
g = [[] for _ in range(n)]
for _ in range(m):
    u, v = (int(x) - 1 for x in input().split())
    g[u].append(v)
    g[v].append(u)
dist = [10**9] * n
dist[0] = 0
heap = [(0, 0)]
while heap:
    d, u = heapq.heappop(heap)
    if d > dist[u]:
        continue
    for v in g[u]:
        if d + 1 < dist[v]:
            dist[v] = d + 1
            heapq.heappush(heap, (d + 1, v))
print(dist[-1] if dist[-1] < 10**9 else -1)
