from functools import reduce

input()
a = map(int, input().split())
print(reduce(lambda s, x: (max(s[0] + x, x), max(s[1], s[0] + x, x)), a, (-(10**15), -(10**15)))[1])
