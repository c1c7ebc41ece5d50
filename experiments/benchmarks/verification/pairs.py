r"""Expected against got, for our verifiers and for the graders that can be installed.

    VERL=folder python experiments/benchmarks/verification/pairs.py [--graders ours math-verify ...]

Runs the table of tests/unit/reward/answer_pairs.py and prints Markdown: per grader the false
positives, the false negatives, the hangs and the time; per category the wrong verdicts; and every
wrong verdict of ours. Foreign graders know no types, so they get the rows of the mathematical
verifiers; an answer is put in a box for them, a row that is a completion is given as it is.
"""

import argparse
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from graders import FOREIGN, Child, Ours

from mm_rl.reward.second_opinion import SecondOpinion
from tests.unit.reward.answer_pairs import WORKED_OUT, AnswerPair, all_pairs

COMPARED = ("math", "exact", "numeric", "sequence", "set")
"""Verifiers whose rows the foreign graders get."""
SLOW_S = 1.0


@dataclass(frozen=True, slots=True)
class Result:
    """What a grader said of a row."""

    pair: AnswerPair
    verdict: bool | None
    seconds: float

    @property
    def wrong(self) -> bool:
        return self.verdict is not self.pair.expected


def to_completion(pair: AnswerPair) -> str:
    return pair.answer if pair.category == "extraction" else f"\\boxed{{{pair.answer}}}"


def rows_for_all(pairs: Sequence[AnswerPair]) -> list[AnswerPair]:
    """The rows that every grader gets; a bomb that stands for several verifiers counts once."""
    return [
        pair
        for pair in pairs
        if pair.verifier in COMPARED
        and (pair.verifier == "math" or pair.category not in ("bombs", "injection", "enumeration"))
    ]


def run_ours(pairs: Sequence[AnswerPair]) -> tuple[list[Result], int]:
    """Results, and how many rows reached math-verify."""
    results = []
    with SecondOpinion() as second_opinion:
        second_opinion.ask("1", "1")
        ours = Ours(second_opinion)
        for pair in pairs:
            start = time.perf_counter()
            if pair.category == "extraction":
                verdict = ours(pair.verifier, pair.reference, pair.answer)
            else:
                verdict = ours.judge(pair.verifier, pair.reference, pair.answer)
            results.append(Result(pair, verdict, time.perf_counter() - start))
    return results, ours.unsure


def run_foreign(name: str, pairs: Sequence[AnswerPair], timeout_s: float) -> list[Result]:
    child = Child(name, timeout_s)
    try:
        return [
            Result(pair, *child.grade(pair.reference, to_completion(pair))[:2]) for pair in pairs
        ]
    finally:
        child.close()


def print_graders(results: dict[str, list[Result]]) -> None:
    print(
        "| grader | rows | false positives | false negatives | hangs | accuracy | rows > 1 s |"
        " mean ms without hostile rows |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, rows in results.items():
        false = Counter(row.verdict for row in rows if row.wrong)
        usual = [row.seconds for row in rows if row.pair.category != "bombs"]
        accuracy = 1 - sum(false.values()) / len(rows)
        slow = sum(row.seconds > SLOW_S for row in rows)
        print(
            f"| {name} | {len(rows)} | {false[True]} | {false[False]} | {false[None]} | "
            f"{accuracy:.3f} | {slow} | {1e3 * statistics.fmean(usual):.2f} |"
        )


def print_categories(results: dict[str, list[Result]]) -> None:
    by_category: dict[str, dict[str, list[Result]]] = defaultdict(dict)
    for name, rows in results.items():
        for row in rows:
            by_category[row.pair.category].setdefault(name, []).append(row)
    print("\nWrong verdicts per category: false positives / false negatives / hangs.\n")
    print(f"| category | rows | {' | '.join(results)} |")
    print("|---|---|" + "---|" * len(results))
    for category, graders in sorted(by_category.items()):
        cells = []
        for name in results:
            false = Counter(row.verdict for row in graders.get(name, []) if row.wrong)
            cells.append(f"{false[True]} / {false[False]} / {false[None]}")
        count = len(next(iter(graders.values())))
        print(f"| {category} | {count} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graders", nargs="*", default=["ours", *FOREIGN])
    parser.add_argument("--timeout-s", type=float, default=10.0)
    arguments = parser.parse_args()
    # Others accept 2+3 for 5; that ours do not is a rule, not a fault of theirs.
    pairs = [pair for pair in all_pairs() if pair.category != WORKED_OUT]
    common = rows_for_all(pairs)
    results: dict[str, list[Result]] = {}
    for name in arguments.graders:
        if name == "ours":
            results[name], unsure = run_ours(common)
            print(f"Of the {len(common)} rows of ours, {unsure} went on to math-verify.\n")
        else:
            results[name] = run_foreign(name, common, arguments.timeout_s)
    print_graders(results)
    print_categories(results)
    if "ours" in arguments.graders:
        everything, unsure = run_ours(pairs)
        wrong = [row for row in everything if row.wrong]
        print(
            f"\nOurs on all {len(pairs)} rows, {unsure} of them through math-verify; "
            f"{len(wrong)} wrong verdicts:\n"
        )
        for verifier, count in sorted(Counter(pair.verifier for pair in pairs).items()):
            missed = [row for row in wrong if row.pair.verifier == verifier]
            print(f"- {verifier}: {count} rows, {len(missed)} wrong")
        for row in wrong:
            print(
                f"  - {row.pair.verifier} {row.pair.reference[:40]!r} <- "
                f"{row.pair.answer[:60]!r}: expected {row.pair.expected}"
            )


if __name__ == "__main__":
    main()
