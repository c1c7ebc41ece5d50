import sys

lines = sys.stdin.read().splitlines()
n = int(lines[0])
assert 1 <= n <= 1500 and len(lines) == n + 1
names = set()
for line in lines[1:]:
    name, points, minutes = line.split()
    assert 1 <= len(name) <= 8 and name.isalpha() and name.islower() and name.isascii()
    assert 0 <= int(points) <= 1000 and 0 <= int(minutes) <= 10**6
    names.add(name)
assert len(names) == n
