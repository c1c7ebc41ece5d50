# coordinates compressed, differences summed
n = int(input())
strips = [tuple(map(int, input().split())) for _ in range(n)]
xs = sorted({x for s in strips for x in s})
at = {x: i for i, x in enumerate(xs)}
diff = [0] * len(xs)
for a, b in strips:
    diff[at[a]] += 1
    diff[at[b]] -= 1
total = depth = 0
for i in range(len(xs) - 1):
    depth += diff[i]
    if depth > 0:
        total += xs[i + 1] - xs[i]
print(total)
