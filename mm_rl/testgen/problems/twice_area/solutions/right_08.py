from functools import reduce

n, *c = map(int, open(0).read().split())
pts = list(zip(c[::2], c[1::2]))
pairs = zip(pts, pts[1:] + pts[:1])
print(abs(reduce(lambda s, e: s + e[0][0] * e[1][1] - e[0][1] * e[1][0], pairs, 0)))
