import itertools

n, *a = map(int, open(0).read().split())
print(max(itertools.accumulate(a, lambda s, x: max(s, 0) + x)))
