# bit sets: reach[k] as one big integer
n, m = map(int, input().split())
row = [1 << i for i in range(n)]
for _ in range(m):
    u, v = map(int, input().split())
    row[u - 1] |= 1 << (v - 1)
    row[v - 1] |= 1 << (u - 1)
reach = new = 1
steps = 0
goal = 1 << (n - 1)
while not reach & goal and new:
    out = 0
    for i in range(n):
        if new >> i & 1:
            out |= row[i]
    new = out & ~reach
    reach |= out
    steps += 1
print(steps if reach & goal else -1)
