for _ in range(int(input())):
    n = int(input())
    count = 1
    p = 2
    while p * p <= n:
        k = 0
        while n % p == 0:
            n //= p
            k += 1
        count *= k + 1
        p += 1
    print(count * 2 if n > 1 else count)
