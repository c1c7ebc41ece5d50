import json
import random

from cyaron import prime_sieve

request = json.loads(input())
random.seed(request["seed"])
size = request["size"]
limit = 10**10
q = random.randint(1, 5)

if size == "small":
    numbers = [random.randint(1, 60) for _ in range(q)]
elif size == "medium":
    numbers = [random.randint(100, 10**5) for _ in range(q)]
elif size == "large":
    numbers = [random.randint(10**6, 10**9) for _ in range(q)]
elif size == "max":
    numbers = [random.randint(limit - 10**6, limit) for _ in range(5)]
else:
    primes = prime_sieve(1000)
    kind = request["index"] % 5
    if kind == 0:
        numbers = [random.randint(1, 10**5) ** 2 for _ in range(q)]
    elif kind == 1:
        numbers = [2 ** random.randint(0, 33) for _ in range(q)]
    elif kind == 2:
        numbers = [random.choice(primes) * random.choice(primes) for _ in range(q)]
    elif kind == 3:
        numbers = [1, 99991**2, 9999999967, limit]
    else:
        numbers = [random.choice(primes) ** 3 for _ in range(q)]
print(len(numbers))
for n in numbers:
    print(n)
