# takes the talk that begins first
n = int(input())
count, free = 0, 0
for s, e in sorted(tuple(map(int, input().split())) for _ in range(n)):
    if s >= free:
        count += 1
        free = e
print(count)
