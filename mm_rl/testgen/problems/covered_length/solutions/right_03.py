n = int(input())
s = sorted(list(map(int, input().split())) for _ in range(n))
merged = [s[0]]
for a, b in s[1:]:
    if a <= merged[-1][1]:
        merged[-1][1] = max(merged[-1][1], b)
    else:
        merged.append([a, b])
print(sum(b - a for a, b in merged))
