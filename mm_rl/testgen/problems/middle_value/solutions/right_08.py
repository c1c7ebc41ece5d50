import heapq
n = int(input())
a = list(map(int, input().split()))
heapq.heapify(a)
for _ in range(n // 2):
    heapq.heappop(a)
print(a[0])
