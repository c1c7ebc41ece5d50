def merge_sort(a):
    if len(a) < 2:
        return a
    m = len(a) // 2
    left, right = merge_sort(a[:m]), merge_sort(a[m:])
    out = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    return out + left[i:] + right[j:]


n = int(input())
rows = []
for _ in range(n):
    s, p, m = input().split()
    rows.append((-int(p), int(m), s))
for r in merge_sort(rows):
    print(r[2])
