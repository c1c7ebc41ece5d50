"""The bar on the screen: a live one in a terminal, a line now and then in a log file."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

# Seconds between lines when the output is no terminal.
_LINE_INTERVAL = 10.0


class StageProgress:
    """Shows how far a stage is and its latest numbers; use as a context manager.

    Args:
        title: what runs, such as `rl`.
        total: number of steps.
        done: steps that an earlier, killed process already did.
    """

    def __init__(self, title: str, *, total: int, done: int = 0) -> None:
        self.title, self.total, self.done = title, total, done
        self._console = Console()
        self._live = self._console.is_terminal
        self._bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[numbers]}"),
            console=self._console,
            disable=not self._live,
        )
        self._task = self._bar.add_task(title, total=total, completed=done, numbers="")
        self._last_line = 0.0

    def __enter__(self) -> "StageProgress":
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def advance(self, **numbers: float) -> None:
        """One step is done; `numbers` are shown by name."""
        self.done += 1
        text = "  ".join(f"{name} {value:.3g}" for name, value in numbers.items())
        self._bar.update(self._task, completed=self.done, numbers=text)
        now = time.monotonic()
        if not self._live and (now - self._last_line > _LINE_INTERVAL or self.done == self.total):
            self._last_line = now
            print(f"{self.title} {self.done}/{self.total}  {text}", flush=True)

    def say(self, message: str) -> None:
        """Print a line above the bar."""
        self._console.print(message, highlight=False, markup=False, soft_wrap=True)
