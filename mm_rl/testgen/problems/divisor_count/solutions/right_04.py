from collections import Counter


def factors(n):
    d = 2
    while d * d <= n:
        while n % d == 0:
            yield d
            n //= d
        d += 1 if d == 2 else 2
    if n > 1:
        yield n


for _ in range(int(input())):
    result = 1
    for k in Counter(factors(int(input()))).values():
        result *= k + 1
    print(result)
