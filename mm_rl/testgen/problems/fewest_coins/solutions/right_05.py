import sys
from functools import lru_cache

sys.setrecursionlimit(10**5)
n, total = map(int, input().split())
coins = sorted(map(int, input().split()), reverse=True)


@lru_cache(None)
def f(x):
    if x == 0:
        return 0
    return min((f(x - c) + 1 for c in coins if c <= x), default=10**9)


answer = 10**9
for x in range(total + 1):  # from below, so that the recursion stays flat
    answer = f(x)
print(answer if answer < 10**9 else -1)
