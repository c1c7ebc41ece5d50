import sys

first, second = sys.stdin.read().splitlines()
a = list(map(int, second.split()))
assert 1 <= int(first) == len(a) <= 1000 and all(0 <= x <= 10**6 for x in a)
