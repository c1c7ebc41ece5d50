turn = {"L": {"N": "W", "W": "S", "S": "E", "E": "N"},
        "R": {"N": "E", "E": "S", "S": "W", "W": "N"}}
face = "N"
x = y = 0
visited = {"0,0"}
for letter in input():
    if letter in turn:
        face = turn[letter][face]
        continue
    if face == "N":
        y += 1
    elif face == "S":
        y -= 1
    elif face == "E":
        x += 1
    else:
        x -= 1
    visited.add(f"{x},{y}")
print(x, y, len(visited))
