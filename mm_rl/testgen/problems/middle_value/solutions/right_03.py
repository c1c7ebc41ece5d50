import heapq
n = int(input())
a = list(map(int, input().split()))
print(heapq.nsmallest((n + 1) // 2, a)[-1])
