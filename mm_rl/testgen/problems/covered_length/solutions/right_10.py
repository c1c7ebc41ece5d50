# from the right
strips = [tuple(map(int, input().split())) for _ in range(int(input()))]
strips.sort(key=lambda s: -s[1])
left = strips[0][1]
painted = 0
for a, b in strips:
    b = min(b, left)
    if a < b:
        painted += b - a
        left = a
print(painted)
