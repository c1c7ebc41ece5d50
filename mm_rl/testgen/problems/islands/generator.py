import json
import random

from cyaron import String

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def noise(rows, columns, land):
    charset = "#" * land + "." * (10 - land)
    return [String.random(columns, charset=charset) for _ in range(rows)]


if size == "small":
    grid = noise(random.randint(1, 5), random.randint(1, 5), random.randint(3, 7))
elif size == "medium":
    grid = noise(random.randint(8, 20), random.randint(8, 20), random.randint(3, 7))
elif size == "large":
    grid = noise(random.randint(40, 70), random.randint(40, 70), random.randint(4, 7))
elif size == "max":
    grid = noise(120, 120, random.randint(4, 8))
else:
    kind = request["index"] % 5
    n, m = random.randint(1, 60), random.randint(1, 60)
    if kind == 0:
        grid = ["." * m] * n
    elif kind == 1:
        n, m = random.randint(60, 120), random.randint(60, 120)
        grid = ["#" * m] * n
    elif kind == 2:
        grid = [("#." * m)[i % 2 : i % 2 + m] for i in range(n)]
    elif kind == 3:
        n = m = random.randint(30, 61) * 2 - 1
        n = m = min(n, 119)
        grid = ["#" * m if i % 2 == 0 else ("." * (m - 1) + "#" if i % 4 == 1 else "#" + "." * (m - 1))
                for i in range(n)]
    else:
        grid = ["#" + "." * m + "#" for _ in range(n)]
print(len(grid), len(grid[0]))
print("\n".join(grid))
