from bisect import bisect_left
n = int(input())
a = sorted(map(int, input().split()))
i = bisect_left(a, a[-1])
print(a[i - 1] if i else "none")
