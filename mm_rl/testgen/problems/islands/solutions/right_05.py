# the grid as one integer; an island grows by shifts
n, m = map(int, input().split())
w = m + 1
land = 0
for i in range(n):
    for j, c in enumerate(input()):
        if c == "#":
            land |= 1 << (i * w + j)
count = 0
while land:
    island = land & -land
    edge = island
    while edge:
        grown = (edge << 1 | edge >> 1 | edge << w | edge >> w) & land & ~island
        island |= grown
        edge = grown
    land &= ~island
    count += 1
print(count)
