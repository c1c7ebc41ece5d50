import sys

data = list(map(int, sys.stdin.read().split()))
n = data[0]
g = [[] for _ in range(n + 1)]
for i in range(n - 1):
    u, v, w = data[1 + 3 * i : 4 + 3 * i]
    g[u].append((v, w))
    g[v].append((u, w))


def farthest(s):
    dist = [-1] * (n + 1)
    dist[s] = 0
    stack = [s]
    while stack:
        u = stack.pop()
        for v, w in g[u]:
            if dist[v] < 0:
                dist[v] = dist[u] + w
                stack.append(v)
    best = max(range(1, n + 1), key=dist.__getitem__)
    return best, dist[best]


print(farthest(farthest(1)[0])[1])
