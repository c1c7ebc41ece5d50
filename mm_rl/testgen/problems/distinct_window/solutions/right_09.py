# dp: f[i] = longest stretch that ends at i
s = input()
pos = [-1] * 26
f = 0
ans = 0
for i in range(len(s)):
    k = ord(s[i]) - ord("a")
    f = min(f + 1, i - pos[k])
    pos[k] = i
    if f > ans:
        ans = f
print(ans)
