import sys

lines = sys.stdin.read().splitlines()
n = int(lines[0])
assert 1 <= n <= 3000 and len(lines) == n + 1
for line in lines[1:]:
    a, b = map(int, line.split())
    assert -(10**9) <= a < b <= 10**9
