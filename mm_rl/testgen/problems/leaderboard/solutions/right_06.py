from collections import defaultdict
groups = defaultdict(list)
for _ in range(int(input())):
    name, p, m = input().split()
    groups[int(p)].append((int(m), name))
for p in sorted(groups, reverse=True):
    for m, name in sorted(groups[p]):
        print(name)
