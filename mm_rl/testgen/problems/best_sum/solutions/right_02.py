from itertools import accumulate

input()
prefix = [0, *accumulate(map(int, input().split()))]
low = prefix[0]
best = -(10**18)
for p in prefix[1:]:
    best = max(best, p - low)
    low = min(low, p)
print(best)
