# search from both ends, always the smaller side
n, m = map(int, input().split())
g = [set() for _ in range(n + 1)]
for _ in range(m):
    u, v = map(int, input().split())
    g[u].add(v)
    g[v].add(u)
a, b = {1}, {n}
sa, sb = {1}, {n}
steps = 0
answer = -1
while a and b:
    if a & sb:
        answer = steps
        break
    if len(a) > len(b):
        a, b, sa, sb = b, a, sb, sa
    a = set().union(*(g[u] for u in a)) - sa
    sa |= a
    steps += 1
print(answer)
