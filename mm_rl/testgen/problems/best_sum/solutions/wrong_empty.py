# allows the empty choice
input()
best = run = 0
for x in map(int, input().split()):
    run = max(0, run + x)
    best = max(best, run)
print(best)
