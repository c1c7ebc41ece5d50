from collections import deque
n, m = map(int, input().split())
land = {(i, j) for i in range(n) for j, c in enumerate(input()) if c == "#"}
islands = 0
while land:
    islands += 1
    q = deque([land.pop()])
    while q:
        x, y = q.popleft()
        for p in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if p in land:
                land.remove(p)
                q.append(p)
print(islands)
