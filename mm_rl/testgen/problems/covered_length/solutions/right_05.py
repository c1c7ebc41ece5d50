# span less the gaps
n = int(input())
s = sorted(tuple(map(int, input().split())) for _ in range(n))
reach = s[0][1]
gaps = 0
for a, b in s:
    if a > reach:
        gaps += a - reach
    reach = max(reach, b)
print(reach - s[0][0] - gaps)
