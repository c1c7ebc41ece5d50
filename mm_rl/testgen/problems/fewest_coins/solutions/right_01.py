n, total = map(int, input().split())
coins = list(map(int, input().split()))
INF = 10**9
dp = [0] + [INF] * total
for x in range(1, total + 1):
    for c in coins:
        if c <= x and dp[x - c] + 1 < dp[x]:
            dp[x] = dp[x - c] + 1
print(dp[total] if dp[total] < INF else -1)
