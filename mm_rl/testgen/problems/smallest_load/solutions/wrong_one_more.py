# allows k + 1 trips
n, k = map(int, input().split())
w = list(map(int, input().split()))
lo, hi = max(w), sum(w)
while lo < hi:
    mid = (lo + hi) // 2
    cuts = s = 0
    for x in w:
        if s + x > mid:
            cuts += 1
            s = 0
        s += x
    if cuts <= k:
        hi = mid
    else:
        lo = mid + 1
print(lo)
