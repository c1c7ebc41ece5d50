import sys

lines = sys.stdin.read().splitlines()
n = int(lines[0])
assert 1 <= n <= 3000 and len(lines) == n + 1
for line in lines[1:]:
    s, e = map(int, line.split())
    assert 0 <= s < e <= 10**9
