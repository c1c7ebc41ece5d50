t = {str(d): d for d in range(10)}
print(sum(t[c] for c in input()))
