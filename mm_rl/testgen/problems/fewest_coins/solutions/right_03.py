# sums as bits of an integer
n, total = map(int, input().split())
coins = list(map(int, input().split()))
mask = (1 << (total + 1)) - 1
sums = seen = 1
k = 0
while not sums >> total & 1:
    new = 0
    for c in coins:
        new |= sums << c
    new &= mask & ~seen
    if not new:
        k = -1
        break
    seen |= new
    sums = new
    k += 1
print(k)
