from collections import deque

n = int(input())
g = {i: [] for i in range(1, n + 1)}
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u].append((v, w))
    g[v].append((u, w))


def bfs(start):
    seen = {start: 0}
    q = deque([start])
    while q:
        x = q.popleft()
        for y, w in g[x]:
            if y not in seen:
                seen[y] = seen[x] + w
                q.append(y)
    return max((d, v) for v, d in seen.items())


d, v = bfs(n)
print(bfs(v)[0])
