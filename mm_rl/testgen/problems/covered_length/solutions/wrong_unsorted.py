# takes the strips in the order of the input
n = int(input())
total, end = 0, -10**10
for _ in range(n):
    a, b = map(int, input().split())
    if b > end:
        total += b - max(a, end)
        end = b
print(total)
