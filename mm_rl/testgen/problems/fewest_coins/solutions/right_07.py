# forward instead of backward
n, total = map(int, input().split())
coins = [int(x) for x in input().split()]
dp = [None] * (total + 1)
dp[0] = 0
for x in range(total):
    if dp[x] is None:
        continue
    for c in coins:
        if x + c <= total:
            if dp[x + c] is None or dp[x + c] > dp[x] + 1:
                dp[x + c] = dp[x] + 1
print(-1 if dp[total] is None else dp[total])
