import sys

data = list(map(int, sys.stdin.read().split()))[1:]
x, y = data[0::2], data[1::2]
n = len(x)
print(abs(sum(x[i] * (y[(i + 1) % n] - y[i - 1]) for i in range(n))))
