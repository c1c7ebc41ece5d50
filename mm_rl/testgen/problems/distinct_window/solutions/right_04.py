def main():
    s = input()
    n = len(s)
    # nxt[i]: first index > i with the same letter
    nxt = [n] * n
    where = {}
    for i in range(n - 1, -1, -1):
        nxt[i] = where.get(s[i], n)
        where[s[i]] = i
    best = 0
    limit = n
    for i in range(n - 1, -1, -1):
        limit = min(limit, nxt[i])
        best = max(best, limit - i)
    print(best)


main()
