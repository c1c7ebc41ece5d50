import heapq

n = int(input())
heap = []
for _ in range(n):
    s, e = map(int, input().split())
    heapq.heappush(heap, (e, s))
now = -1
k = 0
while heap:
    e, s = heapq.heappop(heap)
    if s >= now:
        now = e
        k += 1
print(k)
