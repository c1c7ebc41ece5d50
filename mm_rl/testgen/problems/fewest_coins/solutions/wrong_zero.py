# no coins for 0 is taken for impossible
n, total = map(int, input().split())
coins = list(map(int, input().split()))
dp = [0] + [10**9] * total
for x in range(1, total + 1):
    for c in coins:
        if c <= x:
            dp[x] = min(dp[x], dp[x - c] + 1)
print(dp[total] if 0 < dp[total] < 10**9 else -1)
