import sys

lines = sys.stdin.read().splitlines()
n = int(lines[0])
assert 3 <= n <= 2000 and len(lines) == n + 1
corners = [tuple(map(int, line.split())) for line in lines[1:]]
assert len(set(corners)) == n
assert all(len(corner) == 2 and max(map(abs, corner)) <= 10**9 for corner in corners)
