# next uncovered place by disjoint sets
n = int(input())
strips = [tuple(map(int, input().split())) for _ in range(n)]
xs = sorted({x for s in strips for x in s})
index = {x: i for i, x in enumerate(xs)}
free = list(range(len(xs) + 1))


def find(i):
    while free[i] != i:
        free[i] = free[free[i]]
        i = free[i]
    return i


total = 0
for a, b in strips:
    i = find(index[a])
    while i < index[b]:
        total += xs[i + 1] - xs[i]
        free[i] = i + 1
        i = find(i)
print(total)
