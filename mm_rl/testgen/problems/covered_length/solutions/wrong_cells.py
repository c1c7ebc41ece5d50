# paints cell by cell: too slow and too large
cells = set()
for _ in range(int(input())):
    a, b = map(int, input().split())
    cells.update(range(a, b))
print(len(cells))
