# sums wrap around as in 32-bit arithmetic


def wrap(x):
    return (x + 2**31) % 2**32 - 2**31


input()
a = list(map(int, input().split()))
best = run = a[0]
for x in a[1:]:
    run = max(x, wrap(run + x))
    best = max(best, run)
print(best)
