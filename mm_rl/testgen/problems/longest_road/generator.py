import json
import random

from cyaron import Graph

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def show(tree, n):
    print(n)
    if n > 1:
        print(tree.to_str(shuffle=True))


if size == "small":
    n = random.randint(2, 8)
    show(Graph.tree(n, weight_limit=(1, 20)), n)
elif size == "medium":
    n = random.randint(20, 150)
    show(Graph.tree(n, random.random() / 2, random.random() / 2, weight_limit=(1, 1000)), n)
elif size == "large":
    n = random.randint(600, 1200)
    show(Graph.tree(n, 0.3, 0.1, weight_limit=(1, 10**6)), n)
elif size == "max":
    n = 4000
    show(Graph.tree(n, random.random() / 2, 0, weight_limit=(1, 10**6)), n)
else:
    kind = request["index"] % 4
    if kind == 0:
        show(None, 1)
    elif kind == 1:
        n = random.randint(1500, 4000)
        show(Graph.chain(n, weight_limit=(1, 10**6)), n)
    elif kind == 2:
        n = random.randint(3, 200)
        show(Graph.flower(n, weight_limit=(1, 10**6)), n)
    else:
        n = random.randint(10, 300)
        show(Graph.binary_tree(n, weight_limit=(1, 9)), n)
