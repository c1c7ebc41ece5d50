# prefix sums, each trip found by bisection
from bisect import bisect_right
from itertools import accumulate
n, k = map(int, input().split())
w = list(map(int, input().split()))
p = [0, *accumulate(w)]


def fits(limit):
    at = 0
    for _ in range(k):
        at = bisect_right(p, p[at] + limit) - 1
        if at == n:
            return True
    return False


lo, hi = max(w) - 1, p[-1]
while hi - lo > 1:
    mid = (lo + hi) // 2
    if fits(mid):
        hi = mid
    else:
        lo = mid
print(hi)
