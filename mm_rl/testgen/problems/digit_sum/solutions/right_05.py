from collections import Counter
print(sum(int(d) * k for d, k in Counter(input()).items()))
