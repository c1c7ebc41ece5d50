from functools import cmp_to_key


def compare(a, b):
    return a[1] - b[1] or a[0] - b[0]


n, *rest = map(int, open(0).read().split())
t = sorted(zip(rest[::2], rest[1::2]), key=cmp_to_key(compare))
r, last = 0, -1
for a, b in t:
    if a >= last:
        r, last = r + 1, b
print(r)
