import json
import random

from cyaron import String

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def names(n, length, charset="abcdefghijklmnopqrstuvwxyz"):
    found = []
    while len(found) < n:
        name = String.random(length, charset=charset)
        if name not in found:
            found.append(name)
    return found


if size == "small":
    n, points, minutes = random.randint(1, 7), 3, 2
elif size == "medium":
    n, points, minutes = random.randint(20, 80), 12, 20
elif size == "large":
    n, points, minutes = random.randint(200, 500), 30, 100
elif size == "max":
    n, points, minutes = 1500, 1000, 10**6
else:
    shapes = [(1, 0, 0), (30, 0, 0), (40, 1, 0), (40, 0, 3), (60, 20, 1)]
    n, points, minutes = shapes[request["index"] % 5]
length, charset = (1, 8), "abcdefghijklmnopqrstuvwxyz"
if size == "edge" and random.random() < 0.5:
    charset = "ab"
    length = (5, 8)
print(n)
for name in names(n, length, charset):
    print(name, random.randint(0, points), random.randint(0, minutes))
