n, *a = map(int, open(0).read().split())
a.sort(reverse=True)
print(next((x for x in a if x < a[0]), "none"))
