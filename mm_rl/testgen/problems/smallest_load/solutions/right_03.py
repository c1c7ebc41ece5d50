from bisect import bisect_left


class Loads:
    """Virtual sorted list: False below the answer, True from it on."""

    def __init__(self, w, k):
        self.w, self.k = w, k

    def __getitem__(self, limit):
        parts, room = 0, 0
        for x in self.w:
            if x > room:
                parts += 1
                room = limit
            room -= x
        return parts <= self.k

    def __len__(self):
        return sum(self.w) + 1


n, k = map(int, input().split())
w = list(map(int, input().split()))
print(bisect_left(Loads(w, k), True, max(w), sum(w)))
