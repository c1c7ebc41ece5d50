# compares the points as texts
rows = [input().split() for _ in range(int(input()))]
rows.sort(key=lambda r: (int(r[2]), r[0]))
rows.sort(key=lambda r: r[1], reverse=True)
for row in rows:
    print(row[0])
