import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def strips(n, reach, longest):
    starts = Vector.random_repeatable_vector(n, [(-reach, reach - 1)])
    return [(a, min(reach, a + random.randint(1, longest))) for (a,) in starts]


if size == "small":
    found = strips(random.randint(1, 7), 10, 8)
elif size == "medium":
    found = strips(random.randint(20, 150), 1000, random.choice([10, 60]))
elif size == "large":
    found = strips(random.randint(500, 1000), 10**6, random.choice([500, 5000]))
elif size == "max":
    found = strips(3000, 10**9, random.choice([10**5, 10**6]))
else:
    kind = request["index"] % 4
    n = random.randint(2, 50)
    if kind == 0:
        found = [(-(10**9), 10**9)] + strips(n, 10**9, 10**6)
    elif kind == 1:
        found = [(i, i + 1) for i in range(-n, n)]
    elif kind == 2:
        found = [(-i * 3 - 1, i * 3 + 1) for i in range(n)]
    else:
        found = [(10 * i, 10 * i + random.randint(1, 10)) for i in range(n)] * 2
    random.shuffle(found)
print(len(found))
for a, b in found:
    print(a, b)
