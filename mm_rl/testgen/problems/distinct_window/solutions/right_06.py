s = input()


def possible(k):
    return any(len(set(s[i : i + k])) == k for i in range(len(s) - k + 1))


low, high = 1, min(26, len(s))
while low < high:
    middle = (low + high + 1) // 2
    if possible(middle):
        low = middle
    else:
        high = middle - 1
print(low)
