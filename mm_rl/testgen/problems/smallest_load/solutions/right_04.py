# bit by bit from above
n, k = map(int, input().split())
w = list(map(int, input().split()))


def enough(limit):
    if max(w) > limit:
        return False
    used, rest = 1, limit
    for x in w:
        if x > rest:
            used, rest = used + 1, limit
        rest -= x
    return used <= k


too_small = 0
for bit in range(41, -1, -1):
    if not enough(too_small + (1 << bit)):
        too_small += 1 << bit
print(too_small + 1)
