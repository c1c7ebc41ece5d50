# levels as lists, searched from the far end
n, m = map(int, input().split())
g = [[] for _ in range(n + 1)]
for _ in range(m):
    u, v = map(int, input().split())
    g[u] += [v]
    g[v] += [u]
seen = [False] * (n + 1)
seen[n] = True
level, steps, answer = [n], 0, -1
while level:
    if 1 in level:
        answer = steps
        break
    following = []
    for u in level:
        for v in g[u]:
            if not seen[v]:
                seen[v] = True
                following.append(v)
    level, steps = following, steps + 1
print(answer)
