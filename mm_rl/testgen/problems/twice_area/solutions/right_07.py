n = int(input())
p = [list(map(int, input().split())) for _ in range(n)]
p.append(p[0])
plus = sum(p[i][0] * p[i + 1][1] for i in range(n))
minus = sum(p[i][1] * p[i + 1][0] for i in range(n))
print(max(plus - minus, minus - plus))
