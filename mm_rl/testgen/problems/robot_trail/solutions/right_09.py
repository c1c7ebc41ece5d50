# split into straight parts
d = 0
x = y = 0
cells = {(0, 0)}
text = input()
i = 0
while i < len(text):
    if text[i] != "F":
        d += 1 if text[i] == "R" else 3
        i += 1
        continue
    j = i
    while j < len(text) and text[j] == "F":
        j += 1
    dx, dy = [(0, 1), (1, 0), (0, -1), (-1, 0)][d % 4]
    for _ in range(j - i):
        x, y = x + dx, y + dy
        cells.add((x, y))
    i = j
print(x, y, len(cells))
