n, k = map(int, input().split())
w = list(map(int, input().split()))


def trips(limit):
    count, load = 1, 0
    for x in w:
        if load + x > limit:
            count += 1
            load = 0
        load += x
    return count


low, high = max(w), sum(w)
while low < high:
    middle = (low + high) // 2
    if trips(middle) <= k:
        high = middle
    else:
        low = middle + 1
print(low)
