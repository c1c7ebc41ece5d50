n = int(input())
a = list(map(int, input().split()))
best = current = a[0]
for x in a[1:]:
    current = max(x, current + x)
    best = max(best, current)
print(best)
