from collections import Counter

s = input()
count = Counter()
i = 0
best = 0
for j, c in enumerate(s):
    count[c] += 1
    while count[c] > 1:
        count[s[i]] -= 1
        i += 1
    best = max(best, j + 1 - i)
print(best)
