# the default recursion limit is too low for a long chain
n = int(input())
g = [[] for _ in range(n + 1)]
for _ in range(n - 1):
    u, v, w = map(int, input().split())
    g[u].append((v, w))
    g[v].append((u, w))
best = 0


def depth(u, p):
    global best
    ways = sorted([depth(v, u) + w for v, w in g[u] if v != p], reverse=True) + [0, 0]
    best = max(best, ways[0] + ways[1])
    return ways[0]


depth(1, 0)
print(best)
