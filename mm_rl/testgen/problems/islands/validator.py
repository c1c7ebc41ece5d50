import sys

lines = sys.stdin.read().splitlines()
rows, columns = map(int, lines[0].split())
assert 1 <= rows <= 120 and 1 <= columns <= 120 and len(lines) == rows + 1
assert all(len(line) == columns and set(line) <= {"#", "."} for line in lines[1:])
