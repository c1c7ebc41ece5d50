# talks that touch count as overlapping
n = int(input())
count, free = 0, -1
for s, e in sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda t: t[1]):
    if s > free:
        count += 1
        free = e
print(count)
