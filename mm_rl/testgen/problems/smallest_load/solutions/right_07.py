def main():
    n, k = map(int, input().split())
    w = list(map(int, input().split()))

    def count(limit):
        c = s = 0
        for x in reversed(w):  # works from either side
            if s + x > limit:
                c += 1
                s = x
            else:
                s += x
        return c + 1

    a, b = max(w), sum(w)
    while a != b:
        m = (a + b) // 2
        a, b = (a, m) if count(m) <= k else (m + 1, b)
    print(a)


main()
