# trapezoids
n = int(input())
xs, ys = zip(*(map(int, input().split()) for _ in range(n)))
print(abs(sum((xs[i] - xs[i - 1]) * (ys[i] + ys[i - 1]) for i in range(n))))
