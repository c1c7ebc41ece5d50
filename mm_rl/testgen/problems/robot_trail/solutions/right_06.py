import sys


class Robot:
    def __init__(self):
        self.x, self.y, self.heading = 0, 0, 0
        self.cells = {(0, 0): 1}

    def obey(self, command):
        getattr(self, command)()

    def L(self):
        self.heading = (self.heading - 1) % 4

    def R(self):
        self.heading = (self.heading + 1) % 4

    def F(self):
        if self.heading % 2 == 0:
            self.y += 1 - self.heading
        else:
            self.x += 2 - self.heading
        self.cells[self.x, self.y] = 1


robot = Robot()
for command in sys.stdin.readline().strip():
    robot.obey(command)
print(robot.x, robot.y, len(robot.cells))
