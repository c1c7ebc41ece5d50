# every number up to n / 2
for _ in range(int(input())):
    n = int(input())
    c = 1
    d = 1
    while d <= n // 2:
        if n % d == 0:
            c += 1
        d += 1
    print(c)
