LIMIT = 100001
sieve = bytearray([1]) * LIMIT
primes = []
for i in range(2, LIMIT):
    if sieve[i]:
        primes.append(i)
        sieve[i * i::i] = bytes(len(range(i * i, LIMIT, i)))
for _ in range(int(input())):
    n = int(input())
    ans = 1
    for p in primes:
        if p * p > n:
            break
        e = 1
        while n % p == 0:
            n //= p
            e += 1
        ans *= e
    if n != 1:
        ans *= 2
    print(ans)
