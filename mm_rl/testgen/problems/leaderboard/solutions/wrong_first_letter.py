# ties broken by the first two letters only
rows = [input().split() for _ in range(int(input()))]
for row in sorted(rows, key=lambda r: (-int(r[1]), int(r[2]), r[0][:2])):
    print(row[0])
