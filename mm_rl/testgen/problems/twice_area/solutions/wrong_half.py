# halves and doubles: odd values lose one
n = int(input())
p = [tuple(map(int, input().split())) for _ in range(n)]
s = abs(sum(p[i - 1][0] * p[i][1] - p[i][0] * p[i - 1][1] for i in range(n)))
print(s // 2 * 2)
