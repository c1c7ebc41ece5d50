import heapq
heap = []
for _ in range(int(input())):
    a, b = map(int, input().split())
    heapq.heappush(heap, (a, b))
length = 0
while heap:
    a, b = heapq.heappop(heap)
    while heap and heap[0][0] <= b:
        b = max(b, heapq.heappop(heap)[1])
    length += b - a
print(length)
