import sys


def main():
    it = iter(sys.stdin.read().split())
    n = int(next(it))
    adj = [[] for _ in range(n + 1)]
    for _ in range(n - 1):
        u, v, w = int(next(it)), int(next(it)), int(next(it))
        adj[u].append((v, w))
        adj[v].append((u, w))

    def run(src):
        best = (0, src)
        stack = [(src, 0, 0)]
        while stack:
            node, parent, dist = stack.pop()
            best = max(best, (dist, node))
            stack.extend((nxt, node, dist + w) for nxt, w in adj[node] if nxt != parent)
        return best

    print(run(run(1)[1])[0])


main()
