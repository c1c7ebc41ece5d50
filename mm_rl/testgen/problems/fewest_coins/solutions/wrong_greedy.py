# always the largest coin that fits
n, total = map(int, input().split())
count = 0
for c in sorted(map(int, input().split()), reverse=True):
    count += total // c
    total %= c
print(count if total == 0 else -1)
