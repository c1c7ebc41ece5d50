n = int(input())
print(n and 1 + (n - 1) % 9)
