s = input()
print(
    next(
        k
        for k in range(min(26, len(s)), 0, -1)
        if any(len({*s[i : i + k]}) == k for i in range(len(s) - k + 1))
    )
)
