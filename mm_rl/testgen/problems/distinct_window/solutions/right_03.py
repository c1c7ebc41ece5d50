# window kept as a string, cut at the repeated letter
window = ""
best = 0
for c in input():
    window = window[window.find(c) + 1 :] + c
    best = max(best, len(window))
print(best)
