q = int(input())
for _ in range(q):
    n = int(input())
    found = set()
    d = 1
    while d * d <= n:
        if n % d == 0:
            found.add(d)
            found.add(n // d)
        d += 1
    print(len(found))
