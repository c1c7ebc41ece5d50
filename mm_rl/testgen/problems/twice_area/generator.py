import json
import random

from cyaron import Vector

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def polygon(n, reach):
    """A lower chain below the x axis and an upper one above it: never crosses itself."""
    low = random.randint(2, n - 1)
    xs = sorted(row[0] for row in Vector.random_unique_vector(max(low, n - low), [(-reach, reach)]))
    lower = [(x, random.randint(-reach, -1)) for x in xs[:low]]
    upper = [(x, random.randint(1, reach)) for x in xs[: n - low]]
    return lower + upper[::-1]


if size == "small":
    corners = polygon(random.randint(3, 7), 10)
elif size == "medium":
    corners = polygon(random.randint(10, 100), 10**4)
elif size == "large":
    corners = polygon(random.randint(400, 800), 10**6)
elif size == "max":
    corners = polygon(2000, 10**9)
else:
    big = 10**9
    kind = request["index"] % 4
    if kind == 0:
        corners = [(-big, -big), (big, -big), (big, big), (-big, big)]
    elif kind == 1:
        corners = [(-big, -big), (big, big), (big - random.randint(1, 9), big)]
    elif kind == 2:
        x, y = random.randint(-9, 9), random.randint(-9, 9)
        corners = [(x, y), (x + 1, y), (x, y + 1)]
    else:
        corners = polygon(random.randint(3, 9), big)
if random.random() < 0.5:
    corners.reverse()
turn = random.randrange(len(corners))
corners = corners[turn:] + corners[:turn]
print(len(corners))
for x, y in corners:
    print(x, y)
