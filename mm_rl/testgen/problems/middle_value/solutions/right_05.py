input()
a = sorted(map(int, input().split()))
while len(a) > 2:
    a = a[1:-1]
print(a[0])
