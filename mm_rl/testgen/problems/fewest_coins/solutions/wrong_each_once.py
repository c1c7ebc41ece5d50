# every coin at most once
n, total = map(int, input().split())
dp = [0] + [10**9] * total
for c in map(int, input().split()):
    for x in range(total, c - 1, -1):
        dp[x] = min(dp[x], dp[x - c] + 1)
print(dp[total] if dp[total] < 10**9 else -1)
