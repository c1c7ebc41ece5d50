# dynamic programming over compressed times
n = int(input())
ts = [tuple(map(int, input().split())) for _ in range(n)]
times = sorted({x for t in ts for x in t})
index = {x: i for i, x in enumerate(times)}
ending = [[] for _ in times]
for s, e in ts:
    ending[index[e]].append(index[s])
dp = [0] * len(times)
for i in range(1, len(times)):
    dp[i] = dp[i - 1]
    for j in ending[i]:
        dp[i] = max(dp[i], dp[j] + 1)
print(dp[-1])
