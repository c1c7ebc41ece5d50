# adds all lengths
print(sum(b - a for a, b in (map(int, input().split()) for _ in range(int(input())))))
