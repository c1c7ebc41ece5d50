# recursion on the interval of answers
n, k = map(int, input().split())
w = tuple(map(int, input().split()))


def trips(limit, s=0, t=1):
    for x in w:
        if s + x > limit:
            s, t = 0, t + 1
        s += x
    return t


def search(lo, hi):
    if lo == hi:
        return lo
    mid = (lo + hi) // 2
    return search(lo, mid) if trips(mid) <= k else search(mid + 1, hi)


print(search(max(w), sum(w)))
