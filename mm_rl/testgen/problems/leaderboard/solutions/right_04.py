import heapq
heap = []
for _ in range(int(input())):
    name, p, m = input().split()
    heapq.heappush(heap, (-int(p), int(m), name))
while heap:
    print(heapq.heappop(heap)[2])
