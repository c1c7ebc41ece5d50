# moved so that all coordinates are positive
n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
mx = min(x for x, _ in p)
my = min(y for _, y in p)
p = [(x - mx, y - my) for x, y in p]
r = 0
for i in range(-1, n - 1):
    r += (p[i + 1][0] - p[i][0]) * (p[i][1] + p[i + 1][1])
print(abs(r))
