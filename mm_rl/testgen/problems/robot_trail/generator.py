import json
import random

from cyaron import String

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]

if size == "small":
    text = String.random((1, 10), charset="LRF")
elif size == "medium":
    text = String.random((50, 400), charset="LRFFF")
elif size == "large":
    text = String.random((3000, 6000), charset="LRFFFF")
elif size == "max":
    text = String.random(20000, charset="LRFFFFFF")
else:
    kind = request["index"] % 5
    n = random.randint(1, 300)
    if kind == 0:
        text = "F" * n
    elif kind == 1:
        text = random.choice("LR") * n
    elif kind == 2:
        text = random.choice(["FL", "FR", "FFR", "FLL"]) * n
    elif kind == 3:
        text = "".join("F" * k + random.choice("LR") for k in range(1, 1 + n // 8 + 1))
    else:
        text = "F" * n + "RR" + "F" * (2 * n) + "L" * random.randint(1, 5) + "F"
print(text)
