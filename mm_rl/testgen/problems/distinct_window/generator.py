import json
import random

from cyaron import String

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]
alphabet = "abcdefghijklmnopqrstuvwxyz"

if size == "small":
    text = String.random((1, 12), charset=alphabet[: random.randint(1, 6)])
elif size == "medium":
    text = String.random((30, 300), charset=alphabet[: random.randint(3, 26)])
elif size == "large":
    text = String.random((2000, 6000), charset=alphabet[: random.randint(10, 26)])
elif size == "max":
    text = String.random(20000, charset=alphabet)
else:
    letters = random.sample(alphabet, 26)
    kind = request["index"] % 4
    if kind == 0:
        text = "".join(letters[: random.randint(1, 26)])
    elif kind == 1:
        half = "".join(letters[: random.randint(2, 26)])
        text = half + half[::-1]
    elif kind == 2:
        text = random.choice(alphabet) * random.randint(1, 500)
    else:
        text = "".join(letters) * random.randint(2, 20) + random.choice(letters)
print(text)
