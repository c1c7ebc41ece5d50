def smallest_factor(n, start):
    d = start
    while d * d <= n:
        if n % d == 0:
            return d
        d += 1
    return n


def tau(n, start=2):
    if n == 1:
        return 1
    p = smallest_factor(n, start)
    k = 0
    while n % p == 0:
        n //= p
        k += 1
    return (k + 1) * tau(n, p + 1)


for _ in range(int(input())):
    print(tau(int(input())))
