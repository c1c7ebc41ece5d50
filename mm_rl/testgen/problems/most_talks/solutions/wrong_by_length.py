# takes the shortest talk first
n = int(input())
taken = []
for s, e in sorted((tuple(map(int, input().split())) for _ in range(n)), key=lambda t: t[1] - t[0]):
    if all(e <= a or b <= s for a, b in taken):
        taken.append((s, e))
print(len(taken))
