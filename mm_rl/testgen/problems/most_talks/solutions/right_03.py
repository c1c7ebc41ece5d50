# by begin; drop the longer one of two that clash
n = int(input())
t = sorted(list(map(int, input().split())) for _ in range(n))
end = t[0][1]
c = 1
for s, e in t[1:]:
    if s >= end:
        c += 1
        end = e
    else:
        end = min(end, e)
print(c)
