# flat list with a border
import sys
rows = sys.stdin.read().split()
n, m = int(rows[0]), int(rows[1])
flat = "." * (m + 1) + "".join(r + "." for r in rows[2:]) + "." * (m + 1)
cells = [c == "#" for c in flat]
answer = 0
for start in range(len(cells)):
    if cells[start]:
        answer += 1
        cells[start] = False
        todo = [start]
        for p in todo:
            for q in (p - 1, p + 1, p - m - 1, p + m + 1):
                if cells[q]:
                    cells[q] = False
                    todo.append(q)
print(answer)
