import sys

sys.setrecursionlimit(1 << 16)


def main():
    n = int(sys.stdin.readline())
    adj = [[] for _ in range(n + 1)]
    for _ in range(n - 1):
        u, v, w = map(int, sys.stdin.readline().split())
        adj[u].append((v, w))
        adj[v].append((u, w))

    def go(u, p):
        deep = far = 0
        for v, w in adj[u]:
            if v == p:
                continue
            d, f = go(v, u)
            far = max(far, f, deep + d + w)
            deep = max(deep, d + w)
        return deep, far

    print(go(1, 0)[1])


main()
