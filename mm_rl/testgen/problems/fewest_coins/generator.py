import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def coins(n, low, high):
    return [row[0] for row in Vector.random_unique_vector(n, [(low, high)])]


if size == "small":
    kinds, total = coins(random.randint(1, 4), 1, 9), random.randint(0, 30)
elif size == "medium":
    kinds, total = coins(random.randint(2, 8), 2, 60), random.randint(50, 500)
elif size == "large":
    kinds, total = coins(random.randint(4, 12), 5, 400), random.randint(1000, 3000)
elif size == "max":
    kinds, total = coins(12, 20, 1000), 5000
else:
    kind = request["index"] % 4
    if kind == 0:
        kinds, total = coins(random.randint(1, 12), 1, 5000), 0
    elif kind == 1:
        kinds, total = [2 * c for c in coins(random.randint(1, 6), 1, 500)], 4999
    elif kind == 2:
        kinds, total = [1], random.randint(1000, 5000)
    else:
        a = random.randint(5, 900)
        kinds, total = [1, a, a + a // 2 + 1], 2 * a
    random.shuffle(kinds)
print(len(kinds), total)
print(*kinds)
