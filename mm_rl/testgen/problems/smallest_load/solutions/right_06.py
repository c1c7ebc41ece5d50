# at most k trips is as good as exactly k, as a trip can be split
n, k = map(int, input().split())
w = [int(x) for x in input().split()]


def greedy(limit):
    groups = [0]
    for x in w:
        if groups[-1] + x <= limit:
            groups[-1] += x
        else:
            groups.append(x)
    return groups


lo = max(max(w), (sum(w) + k - 1) // k)
hi = sum(w)
while lo < hi:
    mid = (lo + hi) >> 1
    groups = greedy(mid)
    if len(groups) <= k:
        hi = max(groups)  # no need to try values that no trip has
    else:
        lo = mid + 1
print(lo)
