import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def numbers(n, low, high):
    return [row[0] for row in Vector.random_repeatable_vector(n, [(low, high)])]


if size == "small":
    a = numbers(random.randint(1, 8), -9, 9)
elif size == "medium":
    a = numbers(random.randint(20, 200), -1000, 1000)
elif size == "large":
    a = numbers(random.randint(1000, 2000), -(10**6), 10**6)
elif size == "max":
    a = numbers(5000, -(10**9), 10**9)
else:
    kind = request["index"] % 4
    n = random.randint(1, 40)
    if kind == 0:
        a = numbers(n, -(10**9), -1)
    elif kind == 1:
        a = numbers(n, 1, 10**9)
    elif kind == 2:
        a = [0] * n
    else:
        a = [10**9, -1] * n + [10**9]
print(len(a))
print(*a)
