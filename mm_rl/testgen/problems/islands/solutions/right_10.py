# complex numbers as cells
n, m = map(int, input().split())
todo = set()
for y in range(n):
    row = input()
    todo |= {complex(x, y) for x in range(m) if row[x] == "#"}
total = 0
while todo:
    total += 1
    wave = {todo.pop()}
    while wave:
        wave = {z + d for z in wave for d in (1, -1, 1j, -1j)} & todo
        todo -= wave
print(total)
