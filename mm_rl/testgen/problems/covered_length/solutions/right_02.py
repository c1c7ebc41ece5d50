events = []
for _ in range(int(input())):
    a, b = map(int, input().split())
    events += [(a, 1), (b, -1)]
events.sort()
covered = depth = 0
for i, (x, d) in enumerate(events):
    if depth:
        covered += x - events[i - 1][0]
    depth += d
print(covered)
