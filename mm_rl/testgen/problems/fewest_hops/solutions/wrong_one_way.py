# roads used in one direction only
from collections import deque

n, m = map(int, input().split())
g = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v = map(int, input().split())
    g[u].append(v)
d = [-1] * (n + 1)
d[1] = 0
q = deque([1])
while q:
    u = q.popleft()
    for v in g[u]:
        if d[v] < 0:
            d[v] = d[u] + 1
            q.append(v)
print(d[n])
