# quick sort
import sys


def quick(a):
    if len(a) <= 1:
        return a
    pivot = a[len(a) // 2]
    return quick([x for x in a if x < pivot]) + [pivot] + quick([x for x in a if x > pivot])


lines = sys.stdin.read().splitlines()[1:]
table = [(-int(p), int(m), s) for s, p, m in map(str.split, lines)]
for row in quick(table):
    sys.stdout.write(row[2] + "\n")
