# ties stay in the order of the input
rows = [input().split() for _ in range(int(input()))]
for row in sorted(rows, key=lambda r: (-int(r[1]), int(r[2]))):
    print(row[0])
