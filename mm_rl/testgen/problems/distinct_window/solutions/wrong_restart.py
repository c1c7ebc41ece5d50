# starts anew at a repeated letter instead of after its first occurrence
s = input()
seen = set()
best = 0
for c in s:
    if c in seen:
        seen = set()
    seen.add(c)
    best = max(best, len(seen))
print(best)
