import sys

data = sys.stdin.read()
assert data[-1:] == "\n"
assert 1 <= len(data) - 1 <= 20000 and set(data[:-1]) <= set("LRF")
