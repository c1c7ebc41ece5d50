import sys

data = sys.stdin.read()
ok = data.endswith("\n") and data.count("\n") == 1
word = data[:-1]
ok = ok and 1 <= len(word) <= 20000 and all("a" <= char <= "z" for char in word)
sys.exit(0 if ok else 1)
