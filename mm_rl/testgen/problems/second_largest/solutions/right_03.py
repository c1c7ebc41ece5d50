input()
first = second = None
for x in map(int, input().split()):
    if first is None or x > first:
        first, second = x, first
    elif x != first and (second is None or x > second):
        second = x
print("none" if second is None else second)
