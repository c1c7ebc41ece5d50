from fractions import Fraction

n = int(input())
p = [tuple(Fraction(t) for t in input().split()) for _ in range(n)]
area = Fraction(0)
for (a, b), (c, d) in zip(p, p[1:] + p[:1]):
    area += (a - c) * (b + d) / 2
print(abs(2 * area))
