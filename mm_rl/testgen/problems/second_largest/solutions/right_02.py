input()
a = list(map(int, input().split()))
m = max(a)
rest = [x for x in a if x != m]
print(max(rest) if rest else "none")
