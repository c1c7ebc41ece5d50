class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def cross(self, other):
        return self.x * other.y - self.y * other.x


points = [Point(*map(int, input().split())) for _ in range(int(input()))]
area = 0
previous = points[-1]
for point in points:
    area += previous.cross(point)
    previous = point
print(area if area >= 0 else -area)
