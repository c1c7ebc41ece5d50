# sorts the ends as texts
n = int(input())
talks = sorted((input().split() for _ in range(n)), key=lambda t: t[1])
count, free = 0, 0
for s, e in talks:
    if int(s) >= free:
        count += 1
        free = int(e)
print(count)
