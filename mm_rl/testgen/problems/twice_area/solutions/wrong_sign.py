# negative for corners given clockwise
n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
print(sum(p[i - 1][0] * p[i][1] - p[i][0] * p[i - 1][1] for i in range(n)))
