from functools import cmp_to_key


def compare(a, b):
    if a[1] != b[1]:
        return b[1] - a[1]
    if a[2] != b[2]:
        return a[2] - b[2]
    return -1 if a[0] < b[0] else 1


people = []
for _ in range(int(input())):
    name, p, m = input().split()
    people.append((name, int(p), int(m)))
print("\n".join(x[0] for x in sorted(people, key=cmp_to_key(compare))))
