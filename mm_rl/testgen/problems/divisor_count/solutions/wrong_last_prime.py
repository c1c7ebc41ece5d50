# forgets the prime that is left over
for _ in range(int(input())):
    n = int(input())
    c, p = 1, 2
    while p * p <= n:
        k = 1
        while n % p == 0:
            n //= p
            k += 1
        c *= k
        p += 1
    print(c)
