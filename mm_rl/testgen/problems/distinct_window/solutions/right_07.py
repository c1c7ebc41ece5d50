import sys
from collections import deque

q = deque()
best = 0
for ch in sys.stdin.readline().rstrip("\n"):
    if ch in q:
        while q.popleft() != ch:
            pass
    q.append(ch)
    best = max(best, len(q))
print(best)
