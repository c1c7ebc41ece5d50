# the divisors themselves, multiplied up from the factors
def all_divisors(n):
    result = [1]
    p = 2
    while n > 1:
        if p * p > n:
            p = n
        power, base = 1, list(result)
        while n % p == 0:
            n //= p
            power *= p
            result += [b * power for b in base]
        p += 1
    return result


for _ in range(int(input())):
    print(len(all_divisors(int(input()))))
