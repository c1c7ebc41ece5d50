class Person:
    def __init__(self, line):
        self.name, points, minutes = line.split()
        self.points, self.minutes = int(points), int(minutes)

    def __lt__(self, other):
        if self.points != other.points:
            return self.points > other.points
        if self.minutes != other.minutes:
            return self.minutes < other.minutes
        return self.name < other.name


for person in sorted(Person(input()) for _ in range(int(input()))):
    print(person.name)
