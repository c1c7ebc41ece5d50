# relaxes for a fixed number of rounds
n, m = map(int, input().split())
edges = [tuple(map(int, input().split())) for _ in range(m)]
d = [10**9] * (n + 1)
d[1] = 0
for _ in range(10):
    for u, v in edges:
        d[v] = min(d[v], d[u] + 1)
        d[u] = min(d[u], d[v] + 1)
print(d[n] if d[n] < 10**9 else -1)
