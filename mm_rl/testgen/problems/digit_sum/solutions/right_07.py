text = input()
print(sum(d * text.count(str(d)) for d in range(10)))
