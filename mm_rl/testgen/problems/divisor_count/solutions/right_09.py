import sys
for line in sys.stdin.read().split()[1:]:
    n = int(line)
    total = 0
    root = int(n ** 0.5)
    while root * root > n:
        root -= 1
    while (root + 1) * (root + 1) <= n:
        root += 1
    for d in range(1, root + 1):
        if not n % d:
            total += 2
    if root * root == n:
        total -= 1
    print(total)
