# suffix maxima of the prefix sums
n = int(input())
a = [int(x) for x in input().split()]
p = [0] * (n + 1)
for i in range(n):
    p[i + 1] = p[i] + a[i]
m = p[n]
ans = None
for i in range(n - 1, -1, -1):
    m = max(m, p[i + 1])
    if ans is None or m - p[i] > ans:
        ans = m - p[i]
print(ans)
