import sys

first, second = sys.stdin.read().splitlines()
n, total = map(int, first.split())
kinds = list(map(int, second.split()))
assert 1 <= n <= 12 and 0 <= total <= 5000
assert len(kinds) == n == len(set(kinds)) and all(1 <= c <= 5000 for c in kinds)
