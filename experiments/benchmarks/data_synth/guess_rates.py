"""Blind strategies against every task: the computed bound, and what drawn scenes give.

    python experiments/benchmarks/data_synth/guess_rates.py

Writes guess_rates.md beside this file: per task the worst level of each column. `majority` answers
with the most frequent answer seen with the same question, `shuffled` with the true answer of
another picture with the same question.
"""

import argparse
from pathlib import Path

from rich.progress import track

from data_synth.guess import TOP1_LIMIT, TOP8_LIMIT, guess_bound, guess_rates
from data_synth.tasks import TASKS
from data_synth.tasks.base import NUM_LEVELS

OUT = Path(__file__).with_name("guess_rates.md")
HEADER = """# How often each task is guessed

Worst of the {levels} levels. `1 guess` and `8 guesses` are computed from the answers a question
admits (limits {top1:.0%} and {top8:.0%}); `majority` and `shuffled` are measured on {scenes} scenes
per level, half of them seen and half guessed, so a rate of 1 % has a standard error of {error:.1%}.
Command: `python experiments/benchmarks/data_synth/guess_rates.py`

| task | answers | 1 guess | 8 guesses | majority | shuffled |
|---|---|---|---|---|---|
"""


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scenes", type=int, default=2000, help="per task and level")
    num_scenes = parser.parse_args().scenes
    rows = []
    for name, task in track(TASKS.items(), description="tasks"):
        bounds = guess_bound(task)
        rates = [guess_rates(task, level=i, num_scenes=num_scenes) for i in range(NUM_LEVELS)]
        rows.append(
            f"| `{name}` | {min(bound.num_answers for bound in bounds):,}+ "
            f"| {max(bound.top1 for bound in bounds):.2%} "
            f"| {max(bound.top8 for bound in bounds):.2%} "
            f"| {max(rate.majority for rate in rates):.2%} "
            f"| {max(rate.shuffled for rate in rates):.2%} |"
        )
    header = HEADER.format(
        levels=NUM_LEVELS,
        top1=TOP1_LIMIT,
        top8=TOP8_LIMIT,
        scenes=num_scenes,
        error=(0.01 * 0.99 / (num_scenes / 2)) ** 0.5,
    )
    OUT.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()
