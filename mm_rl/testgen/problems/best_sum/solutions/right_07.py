n = int(input())
a = list(map(int, input().split()))
if max(a) <= 0:
    print(max(a))
else:
    best = run = 0
    for x in a:
        run += x
        if run < 0:
            run = 0
        if run > best:
            best = run
    print(best)
