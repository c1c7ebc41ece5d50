import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def weights(n, high):
    return [row[0] for row in Vector.random_repeatable_vector(n, [(1, high)])]


if size == "small":
    w = weights(random.randint(1, 8), 12)
elif size == "medium":
    w = weights(random.randint(20, 150), 1000)
elif size == "large":
    w = weights(random.randint(500, 1000), 10**6)
elif size == "max":
    w = weights(2000, 10**9)
else:
    n = random.randint(1, 60)
    shapes = [[10**9] * n, [1] * n, weights(n, 3) + [10**9], sorted(weights(n, 10**6))]
    w = shapes[request["index"] % 4]
k = random.randint(1, len(w))
if size in ("large", "max"):
    k = random.randint(2, 40)
elif size == "edge":
    k = random.choice([1, len(w), max(1, len(w) - 1), k])
print(len(w), k)
print(*w)
