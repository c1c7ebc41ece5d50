# breadth-first over sums
n, total = map(int, input().split())
coins = list(map(int, input().split()))
seen = {0}
level = {0}
steps = 0
while level and total not in level:
    level = {x + c for x in level for c in coins if x + c <= total} - seen
    seen |= level
    steps += 1
print(steps if total in level else -1)
