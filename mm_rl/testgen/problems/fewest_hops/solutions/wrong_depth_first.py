# the first way found depth first, not the shortest
n, m = map(int, input().split())
g = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v = map(int, input().split())
    g[u].append(v)
    g[v].append(u)
d = [-1] * (n + 1)
d[1] = 0
stack = [1]
while stack:
    u = stack.pop()
    for v in g[u]:
        if d[v] < 0:
            d[v] = d[u] + 1
            stack.append(v)
print(d[n])
