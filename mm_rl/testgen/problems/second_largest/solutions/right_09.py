# accepted on weak tests: starts at zero
input()
first = second = 0
for x in map(int, input().split()):
    if x > first:
        first, second = x, first
    elif first > x > second:
        second = x
print(second)
