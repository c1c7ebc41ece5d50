from itertools import combinations
n, s = map(int, input().split())
a = list(map(int, input().split()))
print(*next((i + 1, j + 1) for i, j in combinations(range(n), 2) if a[i] + a[j] == s))
