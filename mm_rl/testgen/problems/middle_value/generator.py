import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
low, high = {"small": (1, 9), "medium": (20, 99), "large": (200, 500), "max": (999, 1000), "edge": (1, 3)}[
    request["size"]
]
n = random.randint(low, high)
print(n)
print(*[row[0] for row in Vector.random_repeatable_vector(n, [(0, 10**6)])])
