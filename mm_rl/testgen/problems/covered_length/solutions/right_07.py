# begins and ends sorted apart
n, *v = map(int, open(0).read().split())
begins, ends = sorted(v[::2]), sorted(v[1::2])
total = 0
start = begins[0]
for i in range(n):
    if i + 1 == n or begins[i + 1] > ends[i]:
        total += ends[i] - start
        if i + 1 < n:
            start = begins[i + 1]
print(total)
