# the root of a square counts twice
for _ in range(int(input())):
    n = int(input())
    c, d = 0, 1
    while d * d <= n:
        if n % d == 0:
            c += 2
        d += 1
    print(c)
