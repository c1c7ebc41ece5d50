import sys

data = sys.stdin.read().split()
a = [int(t) for t in data[1:]]
end_here = []
for x in a:
    end_here.append(x + max(0, end_here[-1] if end_here else 0))
print(max(end_here))
