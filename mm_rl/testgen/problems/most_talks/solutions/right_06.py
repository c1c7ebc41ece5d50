import sys

lines = sys.stdin.read().split("\n")[1:]
pairs = [tuple(int(x) for x in line.split()) for line in lines if line]
# earliest end for every begin, swept from the right
best = {}
for s, e in pairs:
    best[s] = min(e, best.get(s, e))
starts = sorted(best)
for i in range(len(starts) - 2, -1, -1):
    best[starts[i]] = min(best[starts[i]], best[starts[i + 1]])
count = 0
now = 0
for s in starts:
    if s >= now:
        count += 1
        now = best[s]
print(count)
