# from the back: the talk that begins last is always held
n = int(input())
a = []
for _ in range(n):
    s, e = map(int, input().split())
    a.append((s, e))
a.sort(reverse=True)
limit = 10**10
ans = 0
for s, e in a:
    if e <= limit:
        ans += 1
        limit = s
print(ans)
