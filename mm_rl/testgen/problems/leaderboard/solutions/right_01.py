rows = []
for _ in range(int(input())):
    name, p, m = input().split()
    rows.append((-int(p), int(m), name))
rows.sort()
for _, _, name in rows:
    print(name)
