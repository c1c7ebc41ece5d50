# counts towns on the way, less one only when the way was found
from collections import deque

n, m = map(int, input().split())
g = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v = map(int, input().split())
    g[u].append(v)
    g[v].append(u)
d = [0] * (n + 1)
q = deque([1])
while q:
    u = q.popleft()
    for v in g[u]:
        if d[v] == 0 and v != 1:
            d[v] = d[u] + 1
            q.append(v)
print(d[n] or -1)
