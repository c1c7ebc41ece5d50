import json
import random

from cyaron import Graph

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]


def show(n, edges):
    order = list(range(1, n + 1))
    if n > 2:
        middle = order[1:-1]
        random.shuffle(middle)
        order[1:-1] = middle
    lines = []
    for u, v in edges:
        pair = [order[u - 1], order[v - 1]]
        random.shuffle(pair)
        lines.append("%d %d" % tuple(pair))
    random.shuffle(lines)
    print(n, len(lines))
    if lines:
        print("\n".join(lines))


def pairs(graph):
    return [(edge.start, edge.end) for edge in graph.iterate_edges()]


if size == "small":
    n = random.randint(2, 7)
    graph = Graph.graph(n, random.randint(0, n * (n - 1) // 2), self_loop=False)
    show(n, pairs(graph))
elif size == "medium":
    n = random.randint(30, 120)
    show(n, pairs(Graph.graph(n, random.randint(n, 2 * n), self_loop=False)))
elif size == "large":
    n = random.randint(500, 1000)
    show(n, pairs(Graph.graph(n, random.randint(n, 2 * n), self_loop=False)))
elif size == "max":
    show(2000, pairs(Graph.graph(2000, 5000, self_loop=False)))
else:
    kind = request["index"] % 4
    if kind == 0:
        print(1, 0)
    elif kind == 1:
        n = random.randint(50, 2000)
        show(n, pairs(Graph.chain(n)))
    elif kind == 2:
        n = random.randint(10, 300)
        half = random.randint(2, n - 2)
        left = [(u, v) for u, v in pairs(Graph.tree(half))]
        right = [(u + half, v + half) for u, v in pairs(Graph.tree(n - half))]
        show(n, left + right)
    else:
        n = random.randint(20, 200)
        show(n, pairs(Graph.tree(n, 0.6, 0.1)) + [(1, random.randint(2, n))])
