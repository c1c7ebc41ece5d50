import sys

data = list(map(int, sys.stdin.read().split()))
n, m = data[:2]
adj = {i: set() for i in range(1, n + 1)}
for i in range(m):
    a, b = data[2 + 2 * i], data[3 + 2 * i]
    adj[a].add(b)
    adj[b].add(a)
frontier, seen, steps = {1}, {1}, 0
while frontier and n not in frontier:
    frontier = {v for u in frontier for v in adj[u]} - seen
    seen |= frontier
    steps += 1
print(steps if n in frontier else -1)
