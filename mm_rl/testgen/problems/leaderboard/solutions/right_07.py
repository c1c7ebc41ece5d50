from bisect import insort
board = []
for _ in range(int(input())):
    name, p, m = input().split()
    insort(board, (1000 - int(p), int(m), name))
print(*[row[2] for row in board], sep="\n")
