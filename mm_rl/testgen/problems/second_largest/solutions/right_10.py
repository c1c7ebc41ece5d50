# accepted on weak tests: equal values are not skipped
n = int(input())
a = sorted(map(int, input().split()))
print(a[-2] if n > 1 else "none")
