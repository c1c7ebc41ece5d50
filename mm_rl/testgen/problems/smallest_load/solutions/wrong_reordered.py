# puts each parcel on the lightest trip, not in order
import heapq
n, k = map(int, input().split())
heap = [0] * k
for x in sorted(map(int, input().split()), reverse=True):
    heapq.heappush(heap, heapq.heappop(heap) + x)
print(max(heap))
