"""Optimal one-to-one matching of answers with references."""

from collections.abc import Sequence

_INFINITY = float("inf")


def match_pairs(weights: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(row, column) pairs, no row or column twice, whose weights have the largest sum.

    Pairs of weight zero are left out; no weight may be negative. The Hungarian method with
    potentials (Kuhn 1955; shortest augmenting paths as in Jonker and Volgenant 1987): rows^2 *
    columns steps, with the shorter side as rows.
    """
    if not weights or not weights[0]:
        return []
    rows, columns = len(weights), len(weights[0])
    if rows > columns:
        transposed = [[weights[i][j] for i in range(rows)] for j in range(columns)]
        return sorted((i, j) for j, i in match_pairs(transposed))
    owner = _Assignment(weights).solve()
    pairs = ((row, column) for column, row in enumerate(owner) if row >= 0)
    return sorted((row, column) for row, column in pairs if weights[row][column] > 0)


class _Assignment:
    """Rows are placed one by one, each along the cheapest path of columns that change hands."""

    def __init__(self, weights: Sequence[Sequence[float]]) -> None:
        self._weights = weights
        self._columns = len(weights[0])
        self._row_potential = [0.0] * len(weights)
        self._column_potential = [0.0] * self._columns
        self._owner = [-1] * self._columns

    def solve(self) -> list[int]:
        """The row that each column gets, -1 for none; every row gets a column."""
        for row in range(len(self._weights)):
            self._place(row)
        return self._owner

    def _place(self, new_row: int) -> None:
        slack = [_INFINITY] * self._columns
        previous = [-1] * self._columns
        free = list(range(self._columns))
        visited: list[int] = []
        row, column = new_row, -1
        while row >= 0:
            for j in free:
                # The method minimises a cost: the negative weight.
                potentials = self._row_potential[row] + self._column_potential[j]
                reduced = -self._weights[row][j] - potentials
                if reduced < slack[j]:
                    slack[j], previous[j] = reduced, column
            nearest = min(free, key=slack.__getitem__)
            self._shift(slack[nearest], new_row, visited, free, slack)
            free.remove(nearest)
            visited.append(nearest)
            column, row = nearest, self._owner[nearest]
        while column >= 0:
            before = previous[column]
            self._owner[column] = new_row if before < 0 else self._owner[before]
            column = before

    def _shift(
        self, least: float, new_row: int, visited: list[int], free: list[int], slack: list[float]
    ) -> None:
        """Change the potentials so that the nearest free column is reached at no cost."""
        self._row_potential[new_row] += least
        for j in visited:
            self._row_potential[self._owner[j]] += least
            self._column_potential[j] -= least
        for j in free:
            slack[j] -= least
