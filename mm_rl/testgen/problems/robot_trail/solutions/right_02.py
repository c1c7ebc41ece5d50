place, way = 0j, 1j
trail = {place}
for c in input().strip():
    if c == "F":
        place += way
        trail.add(place)
    else:
        way *= 1j if c == "L" else -1j
print(int(place.real), int(place.imag), len(trail))
