# 32-bit products
n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
s = 0
for i in range(n):
    s += p[i - 1][0] * p[i][1] - p[i][0] * p[i - 1][1]
    s = (s + 2**31) % 2**32 - 2**31
print(abs(s))
