# cuts as soon as the average is reached
n, k = map(int, input().split())
w = list(map(int, input().split()))
goal = sum(w) / k
loads = [0]
for x in w:
    if loads[-1] + x > goal and len(loads) < k:
        loads.append(0)
    loads[-1] += x
print(max(loads))
