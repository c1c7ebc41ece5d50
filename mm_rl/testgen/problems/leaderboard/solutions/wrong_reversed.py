# one reversed sort: names and minutes are reversed too
rows = []
for _ in range(int(input())):
    s, p, m = input().split()
    rows.append((int(p), -int(m), s))
for row in sorted(rows, reverse=True):
    print(row[2])
