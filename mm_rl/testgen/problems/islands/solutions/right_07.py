# runs of land per row, joined to the runs above
n, m = map(int, input().split())
boss = []


def find(x):
    while boss[x] != x:
        x = boss[x]
    return x


above = []
for _ in range(n):
    row = input() + "."
    runs, start = [], None
    for j, c in enumerate(row):
        if c == "#" and start is None:
            start = j
        elif c == "." and start is not None:
            k = len(boss)
            boss.append(k)
            for a, b, other in above:
                if a < j and start < b:
                    boss[find(other)] = find(k)
            runs.append((start, j, k))
            start = None
    above = runs
print(sum(boss[k] == k for k in range(len(boss))))
