import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]
n = {"small": 6, "medium": 60, "large": 400, "max": 1000, "edge": random.randint(1, 9)}[size]
reach = {"small": 20, "medium": 500, "large": 10**5, "max": 10**6, "edge": 10**6}[size]
a = [row[0] for row in Vector.random_repeatable_vector(n, [(-reach, reach)])]
if size == "edge":
    a = [[a[0]] * n, a + [max(a)] * 3, [-abs(x) - 1 for x in a] + [-1, -2]][request["index"] % 3]
print(len(a))
print(*a)
