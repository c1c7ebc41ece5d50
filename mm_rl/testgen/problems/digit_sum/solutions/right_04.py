def f(n):
    return n and n % 10 + f(n // 10)


print(f(int(input())))
