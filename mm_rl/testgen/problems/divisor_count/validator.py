import sys

lines = sys.stdin.read().splitlines()
q = int(lines[0])
assert 1 <= q <= 5 and len(lines) == q + 1
assert all(1 <= int(line) <= 10**10 for line in lines[1:])
