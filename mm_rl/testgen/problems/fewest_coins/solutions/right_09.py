n, total = map(int, input().split())
coins = sorted(int(x) for x in input().split())
table = [0]
for x in range(1, total + 1):
    options = [table[x - c] for c in coins if c <= x]
    options = [o for o in options if o >= 0]
    table.append(min(options) + 1 if options else -1)
print(table[-1])
