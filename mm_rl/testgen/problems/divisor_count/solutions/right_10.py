def exponent(n, p):
    k = 0
    while not n % p:
        n //= p
        k += 1
    return k, n


for _ in range(int(input())):
    n = int(input())
    ans = 1
    k, n = exponent(n, 2)
    ans *= k + 1
    p = 3
    while p * p <= n:
        if n % p == 0:
            k, n = exponent(n, p)
            ans *= k + 1
        p += 2
    ans <<= n > 1
    print(ans)
