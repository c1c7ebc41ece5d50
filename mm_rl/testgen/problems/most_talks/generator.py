import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def talks(n, end, longest):
    starts = Vector.random_repeatable_vector(n, [(0, end - 1)])
    return [(s, min(end, s + random.randint(1, longest))) for (s,) in starts]


if size == "small":
    found = talks(random.randint(1, 8), 15, 7)
elif size == "medium":
    found = talks(random.randint(20, 150), 1000, random.choice([20, 200]))
elif size == "large":
    found = talks(random.randint(600, 1000), 10**6, random.choice([5000, 10**5]))
elif size == "max":
    found = talks(3000, 10**9, random.choice([10**6, 10**7]))
else:
    kind = request["index"] % 4
    n = random.randint(1, 60)
    if kind == 0:
        found = [(i, i + 1) for i in range(n)]
    elif kind == 1:
        found = [(0, 10**9)] * n
    elif kind == 2:
        found = [(i, 10**6 - i) for i in range(n)]
    else:
        found = []
        for i in range(n):
            found += [(20 * i, 20 * i + 10), (20 * i + 9, 20 * i + 12), (20 * i + 11, 20 * i + 20)]
    random.shuffle(found)
print(len(found))
for s, e in found:
    print(s, e)
