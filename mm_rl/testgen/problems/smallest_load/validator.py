import sys

first, second = sys.stdin.read().splitlines()
n, k = map(int, first.split())
w = list(map(int, second.split()))
assert 1 <= k <= n <= 2000 and len(w) == n and all(1 <= x <= 10**9 for x in w)
