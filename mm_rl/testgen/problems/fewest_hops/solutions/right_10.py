n, m = map(int, input().split())
edges = [tuple(map(int, input().split())) for _ in range(m)]
g = [[] for _ in range(n + 1)]
for u, v in edges:
    g[u].append(v)
    g[v].append(u)
parent = [0] * (n + 1)
parent[1] = 1
todo = [1]
while todo and not parent[n]:
    nxt = []
    for u in todo:
        for v in g[u]:
            if not parent[v]:
                parent[v] = u
                nxt.append(v)
    todo = nxt
if not parent[n]:
    print(-1)
else:
    k, x = 0, n
    while x != 1:
        x = parent[x]
        k += 1
    print(k)
