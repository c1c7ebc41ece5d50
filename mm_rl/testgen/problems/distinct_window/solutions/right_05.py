# the answer is at most 26: try all starts
s = input()
best = 0
for i in range(len(s)):
    mask = 0
    j = i
    while j < len(s):
        bit = 1 << (ord(s[j]) - 97)
        if mask & bit:
            break
        mask |= bit
        j += 1
    best = max(best, j - i)
print(best)
