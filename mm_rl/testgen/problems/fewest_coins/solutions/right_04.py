# coin by coin
n, total = map(int, input().split())
best = [0] + [float("inf")] * total
for c in map(int, input().split()):
    for x in range(c, total + 1):
        best[x] = min(best[x], best[x - c] + 1)
print(-1 if best[total] == float("inf") else best[total])
