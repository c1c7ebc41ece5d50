# tries every limit from below
n, k = map(int, input().split())
w = list(map(int, input().split()))
limit = max(w)
while True:
    t, s = 1, 0
    for x in w:
        if s + x > limit:
            t, s = t + 1, 0
        s += x
    if t <= k:
        break
    limit += 1
print(limit)
