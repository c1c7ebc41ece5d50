# fan of triangles from the first corner
n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
ax, ay = p[0]
total = sum(
    (bx - ax) * (cy - ay) - (cx - ax) * (by - ay) for (bx, by), (cx, cy) in zip(p[1:], p[2:])
)
print(abs(total))
