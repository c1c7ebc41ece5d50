from collections import deque

n, total, *coins = map(int, open(0).read().split())
d = [-1] * (total + 1)
d[total] = 0
q = deque([total])
while q:
    x = q.popleft()
    for c in coins:
        if x >= c and d[x - c] < 0:
            d[x - c] = d[x] + 1
            q.append(x - c)
print(d[0])
