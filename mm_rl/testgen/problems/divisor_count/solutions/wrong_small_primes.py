# looks at factors up to 1000 only
for _ in range(int(input())):
    n = int(input())
    c = 1
    for p in range(2, 1001):
        k = 1
        while n % p == 0:
            n //= p
            k += 1
        c *= k
    print(c * 2 if n > 1 else c)
