input()
a = set(map(int, input().split()))
a.remove(max(a))
print(max(a, default="none"))
