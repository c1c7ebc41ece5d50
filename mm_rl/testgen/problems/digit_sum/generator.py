import json
import random

from cyaron import String

request = json.loads(input())
random.seed(request["seed"])
digits = {"small": 2, "medium": 9, "large": 30, "max": 200}[request["size"]]
print(int(String.random(digits, charset="0123456789")))
