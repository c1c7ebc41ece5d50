# keep disjoint strips while reading
from bisect import bisect_left, bisect_right
L, R = [], []
for _ in range(int(input())):
    a, b = map(int, input().split())
    i, j = bisect_left(R, a), bisect_right(L, b)
    if i < j:
        a, b = min(a, L[i]), max(b, R[j - 1])
    L[i:j] = [a]
    R[i:j] = [b]
print(sum(R) - sum(L))
