"""Many synthetic problems, on several processes if wanted, in an order that never varies."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from multiprocessing import get_context
from typing import Any

from data_synth.problem import Problem
from data_synth.tasks import make_problem
from data_synth.tasks.base import DEFAULT_IMAGE_SIZE

_CHUNK = 16
_CHUNKS_AHEAD = 4  # per worker: bounds the finished problems that wait for a slow reader


@dataclass(frozen=True, kw_only=True, slots=True)
class ProblemRequest:
    """The arguments of one `make_problem` call.

    Example:
        ProblemRequest(name="row_sums", index=3, level=1)
    """

    name: str
    index: int
    split: str = "train"
    seed: int = 0
    level: int = 0
    knobs: Mapping[str, Any] | None = None
    language: str = "en"
    image_size: int = DEFAULT_IMAGE_SIZE
    style: str = "plain"
    degradation: float = 0.0

    def make(self) -> Problem:
        """The problem asked for."""
        return make_problem(**asdict(self))


def generate(requests: Iterable[ProblemRequest], *, num_workers: int = 1) -> Iterator[Problem]:
    """Make problems in the order of their requests, whatever the number of processes.

    Raises:
        ValueError: a request that `make_problem` refuses.
    """
    if num_workers == 1:
        yield from (request.make() for request in requests)
        return
    remaining = iter(requests)
    pending: deque[Future[list[Problem]]] = deque()
    # Spawned, not forked: the caller may have threads, and all platforms then behave alike.
    with ProcessPoolExecutor(num_workers, mp_context=get_context("spawn")) as pool:
        try:
            while chunk := list(islice(remaining, _CHUNK)):
                pending.append(pool.submit(_make_all, chunk))
                if len(pending) >= _CHUNKS_AHEAD * num_workers:
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _make_all(requests: Sequence[ProblemRequest]) -> list[Problem]:
    return [request.make() for request in requests]
