# tries all ways
import sys

sys.setrecursionlimit(10**5)
n, total = map(int, input().split())
coins = list(map(int, input().split()))


def f(x):
    return 0 if x == 0 else min((f(x - c) + 1 for c in coins if c <= x), default=10**9)


answer = f(total)
print(answer if answer < 10**9 else -1)
