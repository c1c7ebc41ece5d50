# one number as key, then names
n, *tokens = open(0).read().split()
names, points, minutes = tokens[::3], tokens[1::3], tokens[2::3]
key = {s: (1000 - int(p)) * 10**7 + int(m) for s, p, m in zip(names, points, minutes)}
print("\n".join(sorted(sorted(names), key=key.get)))
