n, s = map(int, input().split())
a = sorted((int(x), i) for i, x in enumerate(input().split(), 1))
i, j = 0, n - 1
while a[i][0] + a[j][0] != s:
    if a[i][0] + a[j][0] < s:
        i += 1
    else:
        j -= 1
print(a[j][1], a[i][1])
