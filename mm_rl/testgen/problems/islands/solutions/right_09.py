class Sets:
    def __init__(self):
        self.parent, self.size, self.count = {}, {}, 0

    def add(self, x):
        self.parent[x], self.size[x] = x, 1
        self.count += 1

    def find(self, x):
        root = x
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[x] != root:
            self.parent[x], x = root, self.parent[x]
        return root

    def union(self, x, y):
        x, y = self.find(x), self.find(y)
        if x == y:
            return
        if self.size[x] < self.size[y]:
            x, y = y, x
        self.parent[y] = x
        self.size[x] += self.size[y]
        self.count -= 1


n, m = map(int, input().split())
sets = Sets()
for i in range(n):
    for j, c in enumerate(input()):
        if c == "#":
            sets.add((i, j))
            for other in ((i - 1, j), (i, j - 1)):
                if other in sets.parent:
                    sets.union((i, j), other)
print(sets.count)
