def solve(a, lo, hi):
    """(total, best prefix, best suffix, best)"""
    if hi - lo == 1:
        return (a[lo],) * 4
    mid = (lo + hi) // 2
    t1, p1, s1, b1 = solve(a, lo, mid)
    t2, p2, s2, b2 = solve(a, mid, hi)
    return t1 + t2, max(p1, t1 + p2), max(s2, t2 + s1), max(b1, b2, s1 + p2)


n = int(input())
print(solve(list(map(int, input().split())), 0, n)[3])
