# largest minus smallest prefix sum, in whatever order
input()
p = [0]
for x in map(int, input().split()):
    p.append(p[-1] + x)
print(max(p) - min(p))
