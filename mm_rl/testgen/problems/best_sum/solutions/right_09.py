n = int(input())
a = list(map(int, input().split()))
# divide and conquer with explicit crossing sums


def best(lo, hi):
    if lo == hi:
        return a[lo]
    mid = (lo + hi) >> 1
    left = right = -(10**18)
    s = 0
    for i in range(mid, lo - 1, -1):
        s += a[i]
        left = max(left, s)
    s = 0
    for i in range(mid + 1, hi + 1):
        s += a[i]
        right = max(right, s)
    return max(best(lo, mid), best(mid + 1, hi), left + right)


print(best(0, n - 1))
