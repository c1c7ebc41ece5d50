# two deepest branches of every node, with lists
n = int(input())
edges = [tuple(map(int, input().split())) for _ in range(n - 1)]
g = [[] for _ in range(n + 1)]
for u, v, w in edges:
    g[u].append((v, w))
    g[v].append((u, w))
branches = [[0, 0] for _ in range(n + 1)]
seen = [False] * (n + 1)
stack = [(1, 0, 0, False)]
while stack:
    u, p, w, done = stack.pop()
    if done:
        if p:
            branches[p].append(w + max(branches[u]))
    else:
        stack.append((u, p, w, True))
        for v, c in g[u]:
            if v != p:
                stack.append((v, u, c, False))
print(max(sum(sorted(b)[-2:]) for b in branches))
