from statistics import median
input()
print(int(median(map(int, input().split()))))
