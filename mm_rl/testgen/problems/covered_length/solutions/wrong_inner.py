# a strip inside another one shortens it
n = int(input())
total, end = 0, -10**10
for a, b in sorted(tuple(map(int, input().split())) for _ in range(n)):
    if a < end:
        total += max(0, b - end)
    else:
        total += b - a
    end = b
print(total)
