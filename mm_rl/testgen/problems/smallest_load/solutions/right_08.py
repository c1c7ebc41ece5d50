# raise the limit to the next value at which a trip can take one more parcel, in big steps first
n, k = map(int, input().split())
w = list(map(int, input().split()))


def ok(limit):
    t, s = 1, 0
    for x in w:
        s += x
        if s > limit:
            t += 1
            s = x
    return t <= k


limit = max(w)
if not ok(limit):
    step = 1
    while not ok(limit + step):
        step *= 2
    while step:
        if not ok(limit + step):
            limit += step
        else:
            step //= 2
    limit += 1
print(limit)
