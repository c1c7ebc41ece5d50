n = int(input())
a = input().split()
print(a[n // 2])
