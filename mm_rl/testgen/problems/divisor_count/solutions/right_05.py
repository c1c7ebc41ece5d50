import sys
# 6k - 1 and 6k + 1


def tau(n):
    t = 1
    for p in (2, 3):
        e = 0
        while n % p == 0:
            n //= p
            e += 1
        t *= e + 1
    d, step = 5, 2
    while d * d <= n:
        e = 0
        while n % d == 0:
            n //= d
            e += 1
        t *= e + 1
        d += step
        step = 6 - step
    return t * 2 if n > 1 else t


print(*(tau(int(x)) for x in sys.stdin.read().split()[1:]), sep="\n")
