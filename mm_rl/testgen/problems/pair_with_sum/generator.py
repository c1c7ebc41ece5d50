import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
n = {"small": 5, "medium": 50, "large": 300, "max": 1000, "edge": 2}[request["size"]]
a = [row[0] for row in Vector.random_repeatable_vector(n, [(1, 10**6)])]
i, j = random.sample(range(n), 2)
print(n, a[i] + a[j])
print(*a)
