from math import isqrt


def divisors(n):
    r = isqrt(n)
    return 2 * sum(n % d == 0 for d in range(1, r + 1)) - (r * r == n)


for _ in range(int(input())):
    print(divisors(int(input())))
