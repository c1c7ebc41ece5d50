from itertools import accumulate
n, k = map(int, input().split())
w = list(map(int, input().split()))
total = list(accumulate(w))


def possible(cap):
    done, start = 0, 0
    for i in range(n):
        if total[i] - start > cap:
            done += 1
            start = total[i - 1]
    return done + 1 <= k


low, high = max(w), total[-1]
answer = high
while low <= high:
    cap = (low + high) // 2
    if possible(cap):
        answer, high = cap, cap - 1
    else:
        low = cap + 1
print(answer)
