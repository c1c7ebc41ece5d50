from collections import namedtuple

Talk = namedtuple("Talk", "begin end")
talks = [Talk(*map(int, input().split())) for _ in range(int(input()))]
chosen = []
for talk in sorted(talks, key=lambda t: (t.end, t.begin)):
    if not chosen or chosen[-1].end <= talk.begin:
        chosen.append(talk)
print(len(chosen))
