n = int(input())
total, end = 0, -10**10
for a, b in sorted(tuple(map(int, input().split())) for _ in range(n)):
    if b > end:
        total += b - max(a, end)
        end = b
print(total)
