total = 0
for c in input().strip():
    total += ord(c) - 48
print(total)
