n = int(input())
a = list(map(int, input().split()))
for _ in range((n - 1) // 2):
    a.remove(min(a))
print(min(a))
