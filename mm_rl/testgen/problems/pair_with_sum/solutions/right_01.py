n, s = map(int, input().split())
a = list(map(int, input().split()))
seen = {}
for i, x in enumerate(a):
    if s - x in seen:
        print(seen[s - x] + 1, i + 1)
        break
    seen[x] = i
