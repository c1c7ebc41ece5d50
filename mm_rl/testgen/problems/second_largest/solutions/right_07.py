input()
a = list(map(int, input().split()))
while len(set(a)) > 2:
    middle = sum(a) / len(a)
    m = max(a)
    upper = [x for x in a if x >= middle and x != m]
    if upper:
        a = [m, max(upper)]
    else:
        a = [m] + [x for x in a if x < middle and x != m]
        a = [m, max(a[1:])]
print(min(a) if len(set(a)) == 2 else "none")
