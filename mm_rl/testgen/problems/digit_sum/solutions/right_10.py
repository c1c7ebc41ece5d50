n = input()
i = r = 0
while i < len(n):
    r += int(n[i])
    i += 1
print(r)
