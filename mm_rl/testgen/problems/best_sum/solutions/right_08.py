# monotone queue idea without a window: keep the smallest prefix in a heap
import heapq

input()
heap = [0]
total = 0
best = float("-inf")
for x in map(int, input().split()):
    total += x
    best = max(best, total - heap[0])
    heapq.heappush(heap, total)
print(best)
