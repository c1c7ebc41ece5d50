"""Shortest ways against a search through all simple paths, and a map by hand."""

import random
from itertools import pairwise, permutations

import pytest

from data_synth.tasks.base import Pose
from data_synth.tasks.graph_route import GraphRoute, RoadMap

TASK = GraphRoute()


def test_detour_by_hand() -> None:
    scene = RoadMap(("A", "B", "C"), (("A", "B", 9), ("A", "C", 4), ("C", "B", 4)))
    pose = Pose(questions={}, answers=(), params=("A", "B", TASK.ladder[0]))
    assert TASK.solve(pose, scene) == ("A", "C", "B")
    assert TASK.reason(pose, scene) == (
        "plan: shortest way from A. scan: A B 9, A C 4, C B 4. reach C 4, B 8. check: A C B."
    )


def test_two_shortest_ways_are_refused() -> None:
    scene = RoadMap(("A", "B", "C"), (("A", "B", 8), ("A", "C", 4), ("C", "B", 4)))
    pose = Pose(questions={}, answers=(), params=("A", "B", TASK.ladder[0]))
    with pytest.raises(ValueError, match="too many values"):
        TASK.solve(pose, scene)


@pytest.mark.parametrize("level", range(5))
def test_the_way_is_the_shortest_of_all_simple_paths(level: int) -> None:
    rng = random.Random(level)
    for _ in range(6 if level > 2 else 30):
        pose = TASK.pose(rng, TASK.ladder[level])
        answer = pose.answers[rng.randrange(len(pose.answers))]
        scene = TASK.build(rng, pose, answer)
        lengths = {frozenset((a, b)): length for a, b, length in scene.roads}
        start, goal, config = pose.params
        assert len(lengths) == len(scene.roads) == config.num_between + 1 + config.num_detours
        others = [place for place in scene.places if place not in (start, goal)]
        found = []
        for count in range(min(len(others), 6) + 1):
            for between in permutations(others, count):
                way = (start, *between, goal)
                steps = [lengths.get(frozenset(pair)) for pair in pairwise(way)]
                if None not in steps:
                    found.append((sum(step for step in steps if step), way))
        best, runner_up, *_ = [*sorted(found), (10**6, ())]
        assert best[1] == answer and best[0] < runner_up[0]
