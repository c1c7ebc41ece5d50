from bisect import bisect_right

n = int(input())
t = sorted((e, s) for s, e in (map(int, input().split()) for _ in range(n)))
ends = [e for e, _ in t]
dp = [0] * (n + 1)
for i, (e, s) in enumerate(t):
    j = bisect_right(ends, s, 0, i)
    dp[i + 1] = max(dp[i], dp[j] + 1)
print(dp[n])
