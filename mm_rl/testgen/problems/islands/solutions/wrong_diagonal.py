# walks diagonally too
n, m = map(int, input().split())
land = {(i, j) for i in range(n) for j, c in enumerate(input()) if c == "#"}
k = 0
while land:
    k += 1
    stack = [land.pop()]
    while stack:
        x, y = stack.pop()
        for a in (-1, 0, 1):
            for b in (-1, 0, 1):
                if (x + a, y + b) in land:
                    land.remove((x + a, y + b))
                    stack.append((x + a, y + b))
print(k)
