import sys

lines = sys.stdin.read().splitlines()
n = int(lines[0])
assert 1 <= n <= 4000 and len(lines) == n
parent = list(range(n + 1))


def find(x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x


for line in lines[1:]:
    u, v, w = map(int, line.split())
    assert 1 <= u <= n and 1 <= v <= n and 1 <= w <= 10**6
    assert find(u) != find(v), "a circle"
    parent[find(u)] = find(v)
