from collections import defaultdict, deque


class Graph:
    def __init__(self):
        self.neighbours = defaultdict(list)

    def add(self, u, v):
        self.neighbours[u].append(v)
        self.neighbours[v].append(u)

    def distance(self, source, target):
        visited = {source}
        queue = deque([(source, 0)])
        while queue:
            node, d = queue.popleft()
            if node == target:
                return d
            for other in self.neighbours[node]:
                if other not in visited:
                    visited.add(other)
                    queue.append((other, d + 1))
        return -1


n, m = map(int, input().split())
graph = Graph()
for _ in range(m):
    graph.add(*map(int, input().split()))
print(graph.distance(1, n))
