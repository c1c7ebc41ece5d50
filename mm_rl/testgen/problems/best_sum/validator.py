import sys

lines = sys.stdin.read().split("\n")
assert len(lines) == 3 and lines[2] == ""
n = int(lines[0])
a = list(map(int, lines[1].split()))
assert 1 <= n <= 5000 and len(a) == n
assert all(-(10**9) <= x <= 10**9 for x in a)
