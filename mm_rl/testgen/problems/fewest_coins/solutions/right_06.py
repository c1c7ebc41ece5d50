import heapq

n, total = map(int, input().split())
coins = list(map(int, input().split()))
dist = {0: 0}
heap = [(0, 0)]
done = set()
while heap:
    d, x = heapq.heappop(heap)
    if x in done:
        continue
    done.add(x)
    for c in coins:
        y = x + c
        if y <= total and d + 1 < dist.get(y, 10**9):
            dist[y] = d + 1
            heapq.heappush(heap, (d + 1, y))
print(dist.get(total, -1))
