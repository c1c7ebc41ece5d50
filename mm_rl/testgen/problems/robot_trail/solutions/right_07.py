# rotation matrices
v = (0, 1)
p = (0, 0)
s = [p]
for c in input():
    a, b = v
    if c == "L":
        v = (-b, a)
    if c == "R":
        v = (b, -a)
    if c == "F":
        p = (p[0] + a, p[1] + b)
        s.append(p)
s.sort()
k = 1 + sum(s[i] != s[i - 1] for i in range(1, len(s)))
print(p[0], p[1], k)
