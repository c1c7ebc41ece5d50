"""A road map with distances: the shortest way between two places, named place by place."""

import heapq
import math
import random
from dataclasses import dataclass
from itertools import combinations, pairwise

from PIL import Image

from data_synth.canvas import Canvas, Point
from data_synth.style import Style
from data_synth.tasks.base import Arrangements, Mapped, Pose, Task, check, format_tuple

_CENTER = 500.0
_RADIUS = 420.0
_NODE = 38.0
_LABELS_AT = (0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75)  # of a road, where its distance may stand
_Answer = tuple[str, ...]
_Road = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_places: int
    num_between: int
    """Places that the shortest way passes between its ends."""
    num_detours: int
    """Roads that are no part of it."""
    max_step: int
    """Longest road of the shortest way."""


@dataclass(frozen=True, slots=True)
class RoadMap:
    """Places in their order around the picture, and the roads (from, to, distance)."""

    places: tuple[str, ...]
    roads: tuple[_Road, ...]


class GraphRoute(Task[Config]):
    name = "graph_route"
    summary = "find the shortest way on a map of roads with distances"
    domain = "graphs"
    discipline = "search"
    answer_type = "sequence"
    verifier = "sequence"
    ladder = (
        Config(num_places=7, num_between=3, num_detours=3, max_step=5),
        Config(num_places=7, num_between=3, num_detours=5, max_step=9),
        Config(num_places=8, num_between=4, num_detours=7, max_step=9),
        Config(num_places=9, num_between=4, num_detours=10, max_step=15),
        Config(num_places=10, num_between=5, num_detours=13, max_step=20),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        names = [chr(ord("A") + i) for i in range(config.num_places)]
        start, goal = rng.sample(names, 2)
        between = tuple(name for name in names if name not in (start, goal))
        return Pose(
            questions={
                "en": [
                    f"What is the shortest way from {start} to {goal}? "
                    "Answer with all places on it in order, both ends included.",
                    f"Go from {start} to {goal} by the roads that are shortest in total. "
                    "List the places you pass, the two ends included.",
                ],
                "zh": [
                    f"从 {start} 到 {goal} 的最短路线是什么？依次写出经过的地点，包括起点和终点。",
                    f"沿总长最短的道路从 {start} 走到 {goal}，依次列出所有地点，包括两端。",
                ],
            },
            answers=Mapped(
                lambda places: (start, *places, goal), Arrangements(between, config.num_between)
            ),
            params=(start, goal, config),
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> RoadMap:
        """Give every place a potential; only roads of the way are as short as it allows."""
        _, _, config = pose.params
        steps = [rng.randint(1, config.max_step) for _ in range(len(answer) - 1)]
        distance = {place: sum(steps[:i]) for i, place in enumerate(answer)}
        names = [chr(ord("A") + i) for i in range(config.num_places)]
        for name in names:
            distance.setdefault(name, rng.randint(0, sum(steps)))
        on_way = {frozenset(road) for road in pairwise(answer)}
        others = [pair for pair in combinations(names, 2) if frozenset(pair) not in on_way]
        roads = [(a, b, step) for (a, b), step in zip(pairwise(answer), steps, strict=True)]
        for a, b in rng.sample(others, config.num_detours):
            # Longer than the potentials differ: any way that takes it is longer than the way.
            slack = rng.randint(1, max(2, config.max_step // 2))
            roads.append((a, b, abs(distance[a] - distance[b]) + slack))
        rng.shuffle(roads)
        rng.shuffle(names)
        return RoadMap(tuple(names), tuple(roads))

    def draw(self, scene: RoadMap, *, size: int, style: Style) -> Image.Image:
        canvas = Canvas(size, style)
        spots = _spots(scene.places)
        for a, b, _ in scene.roads:
            canvas.line([spots[a], spots[b]], color="line", width=9)
        for (x, y), (_, _, length) in zip(_label_spots(scene, spots), scene.roads, strict=True):
            half = canvas.text_width(str(length), size=36) / 2 + 5
            canvas.rectangle((x - half, y - 20, x + half, y + 20), fill="background")
            canvas.text(x, y, str(length), size=36)
        for place, (x, y) in spots.items():
            canvas.circle(x, y, _NODE, fill="background", outline="ink", width=6)
            canvas.text(x, y, place, size=46)
        return canvas.image()

    def solve(self, pose: Pose, scene: RoadMap) -> _Answer:
        """Dijkstra's search with counting, so that the shortest way is shown to be the only one."""
        start, goal, _ = pose.params
        best: dict[str, int] = {}
        trails: dict[str, list[tuple[str, ...]]] = {}
        queue: list[tuple[int, tuple[str, ...]]] = [(0, (start,))]
        while queue:
            length, trail = heapq.heappop(queue)
            place = trail[-1]
            if length > best.get(place, length):
                continue
            best[place] = length
            trails.setdefault(place, []).append(trail)
            for a, b, road in scene.roads:
                if place in (a, b):
                    heapq.heappush(queue, (length + road, (*trail, b if place == a else a)))
        (way,) = trails[goal]
        return way

    def reason(self, pose: Pose, scene: RoadMap) -> str:
        way = self.solve(pose, scene)
        lengths = {frozenset((a, b)): length for a, b, length in scene.roads}
        listed = ", ".join(f"{a} {b} {length}" for a, b, length in sorted(scene.roads))
        total, steps = 0, []
        for a, b in pairwise(way):
            total += lengths[frozenset((a, b))]
            steps.append(f"{b} {total}")
        return (
            f"plan: shortest way from {way[0]}. scan: {listed}. reach {', '.join(steps)}. "
            f"{check(way)}"
        )

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)


def _spots(places: tuple[str, ...]) -> dict[str, Point]:
    """Places on a circle: no road can then pass through a third place."""
    turn = 2 * math.pi / len(places)
    return {
        place: (_CENTER + _RADIUS * math.sin(i * turn), _CENTER - _RADIUS * math.cos(i * turn))
        for i, place in enumerate(places)
    }


def _label_spots(scene: RoadMap, spots: dict[str, Point]) -> list[Point]:
    """For each road the spot on it that is farthest from other roads and from earlier labels."""
    chosen: list[Point] = []
    for a, b, _ in scene.roads:
        (ax, ay), (bx, by) = spots[a], spots[b]
        rest = [(spots[c], spots[d]) for c, d, _ in scene.roads if (c, d) != (a, b)]
        candidates = [(ax + (bx - ax) * t, ay + (by - ay) * t) for t in _LABELS_AT]

        def room(spot: Point, rest: list[tuple[Point, Point]] = rest) -> float:
            to_labels = min((math.dist(spot, other) for other in chosen), default=200.0)
            to_roads = min((_distance_to_road(spot, *road) for road in rest), default=60.0)
            return min(to_labels / 90, 1.0) + min(to_roads / 40, 1.0)

        chosen.append(max(candidates, key=room))
    return chosen


def _distance_to_road(spot: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((spot[0] - a[0]) * dx + (spot[1] - a[1]) * dy) / (dx * dx + dy * dy)
    along = min(1.0, max(0.0, along))
    return math.dist(spot, (a[0] + along * dx, a[1] + along * dy))
