# three stable sorts
n = int(input())
a = [input().split() for _ in range(n)]
a.sort(key=lambda r: r[0])
a.sort(key=lambda r: int(r[2]))
a.sort(key=lambda r: int(r[1]), reverse=True)
for r in a:
    print(r[0])
