n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
s = 0
for i in range(n):
    x1, y1 = p[i]
    x2, y2 = p[(i + 1) % n]
    s += x1 * y2 - x2 * y1
print(abs(s))
