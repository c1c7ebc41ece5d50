import sys

data = sys.stdin.read().strip()
assert data == str(int(data)) and 0 <= int(data) < 10**18
