import sys
data = list(map(int, sys.stdin.read().split()))
n, k, w = data[0], data[1], data[2:]
left, right = max(w), sum(w)
best = right
while left <= right:
    mid = left + (right - left) // 2
    need, cur = 1, 0
    for x in w:
        cur += x
        if cur > mid:
            need += 1
            cur = x
            if need > k:
                break
    if need <= k:
        best = mid
        right = mid - 1
    else:
        left = mid + 1
print(best)
