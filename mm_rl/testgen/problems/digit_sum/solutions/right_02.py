s = 0
n = int(input())
while n:
    n, d = divmod(n, 10)
    s += d
print(s)
