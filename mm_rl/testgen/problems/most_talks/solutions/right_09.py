# fewest points that stab all talks equals the answer
n = int(input())
t = [tuple(map(int, input().split())) for _ in range(n)]
t.sort(key=lambda x: x[1])
points = []
for s, e in t:
    if not points or points[-1] <= s:
        points.append(e)
print(len(points))
