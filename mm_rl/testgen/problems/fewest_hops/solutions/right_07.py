# SPFA
from collections import deque

n, m = map(int, input().split())
e = [[] for _ in range(n + 1)]
for i in range(m):
    a, b = map(int, input().split())
    e[a].append(b)
    e[b].append(a)
INF = float("inf")
d = [INF] * (n + 1)
d[1] = 0
q = deque([1])
inq = [False] * (n + 1)
while q:
    x = q.popleft()
    inq[x] = False
    for y in e[x]:
        if d[x] + 1 < d[y]:
            d[y] = d[x] + 1
            if not inq[y]:
                inq[y] = True
                q.append(y)
print(-1 if d[n] == INF else d[n])
