# depth-first with bounds, falls back on exact remainders seen so far
n, total = map(int, input().split())
coins = sorted(map(int, input().split()))
INF = 1 << 30


def table():
    f = [INF] * (total + max(coins) + 1)
    f[0] = 0
    for i, v in enumerate(f[: total + 1]):
        if f[i] < INF:
            for c in coins:
                f[i + c] = min(f[i + c], f[i] + 1)
    return f[total]


result = table()
print(-1 if result == INF else result)
