# queue as a growing list
import sys

read = sys.stdin.readline


def main():
    n, m = map(int, read().split())
    adj = [[] for _ in range(n + 1)]
    for _ in range(m):
        u, v = map(int, read().split())
        adj[u].append(v)
        adj[v].append(u)
    dist = {1: 0}
    queue = [1]
    for u in queue:
        if u == n:
            break
        for v in adj[u]:
            if v not in dist:
                dist[v] = dist[u] + 1
                queue.append(v)
    print(dist.get(n, -1))


main()
