import sys

lines = sys.stdin.read().splitlines()
n, m = map(int, lines[0].split())
assert 1 <= n <= 2000 and 0 <= m <= 5000 and len(lines) == m + 1
for line in lines[1:]:
    u, v = map(int, line.split())
    assert 1 <= u <= n and 1 <= v <= n and u != v
