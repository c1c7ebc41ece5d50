import sys
print(sum(b - 48 for b in sys.stdin.buffer.readline().strip()))
