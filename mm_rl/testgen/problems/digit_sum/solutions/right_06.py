from functools import reduce
print(reduce(lambda s, c: s + int(c), input(), 0))
