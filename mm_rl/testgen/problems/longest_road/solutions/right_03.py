import sys

sys.setrecursionlimit(20000)
n = int(input())
g = [[] for _ in range(n + 1)]
for line in sys.stdin:
    u, v, w = map(int, line.split())
    g[u].append((v, w))
    g[v].append((u, w))
best = 0


def depth(u, p):
    global best
    first = second = 0
    for v, w in g[u]:
        if v != p:
            d = depth(v, u) + w
            if d > first:
                first, second = d, first
            elif d > second:
                second = d
    best = max(best, first + second)
    return first


depth(1, 0)
print(best)
