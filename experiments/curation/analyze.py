"""Precision and recall of every filter on the planted pool: `table.md`."""

import argparse
import json
from pathlib import Path

ALL_TASKS = "relevance_all_tasks"
"""The run of `relevance` on the second pool, whose kinds of picture the small CLIP has seen."""
# What a filter is there to find, and what it may find besides without being wrong.
TARGETS: dict[str, tuple[set[str], set[str]]] = {
    "excluded": ({"multiple_choice", "true_false", "proof", "sub_questions"}, set()),
    "mislabelled": ({"mislabelled"}, {"irrelevant"}),
    "exact_duplicates": ({"exact_duplicate"}, set()),
    "near_text": ({"reworded"}, {"paraphrase", "exact_duplicate"}),
    "paraphrases": ({"paraphrase"}, {"reworded", "exact_duplicate"}),
    "near_images": ({"recoloured", "cropped"}, {"exact_duplicate"}),
    "relevance": ({"irrelevant"}, set()),
    ALL_TASKS: ({"irrelevant"}, set()),
    "contamination": ({"contaminated"}, set()),
    # Whatever is answered from its words alone is answered without reasoning as well.
    "guess": ({"guessable"}, {"blind_answerable"}),
    "blind": ({"blind_answerable"}, {"guessable"}),
}


def pool_of(run: str) -> str:
    """The name of the pool that a run curates."""
    return "all_tasks" if run == ALL_TASKS else "pool"


def read_defects(pool: Path) -> list[set[str]]:
    """The defects of each row of a pool."""
    lines = pool.with_suffix(".jsonl").read_text().splitlines()
    return [set(json.loads(line)["defects"]) for line in lines]


def read_drops(run: Path) -> dict[int, str]:
    """Reason by row, over all filters of a run."""
    drops = {}
    for path in sorted((run / "curation").glob("[0-9][0-9]-*.jsonl")):
        for line in path.read_text().splitlines()[1:]:
            row = json.loads(line)
            if "drop" in row:
                drops[row["index"]] = row["drop"]["reason"]
    return drops


def score(name: str, drops: dict[int, str], defects: list[set[str]]) -> dict[str, float]:
    """Counts, precision and recall of one filter.

    Precision: share of the dropped rows that have a defect which the filter may find. Recall: share
    of the rows with a defect it is there to find that were dropped.
    """
    wanted, allowed = TARGETS[name]
    planted = [row for row, found in enumerate(defects) if found & wanted]
    right = [row for row in drops if defects[row] & (wanted | allowed)]
    return {
        "planted": len(planted),
        "dropped": len(drops),
        "precision": len(right) / len(drops) if drops else float("nan"),
        "recall": sum(row in drops for row in planted) / len(planted),
    }


def render(out: Path) -> str:
    """The table, and the funnel of all filters in a row."""
    defects = read_defects(out / "pool")
    lines = [
        f"{len(defects)} rows, {sum(not found for found in defects)} without a defect.",
        "",
        "| filter | planted | dropped | precision | recall | clean rows dropped |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name in TARGETS:
        run = out / "runs" / name
        if not (run / "curation" / "summary.json").exists():
            continue
        drops = read_drops(run)
        planted = read_defects(out / pool_of(name))
        values = score(name, drops, planted)
        clean = sum(not planted[row] for row in drops)
        lines.append(
            f"| {name} | {values['planted']} | {values['dropped']} | {values['precision']:.2f} | "
            f"{values['recall']:.2f} | {clean} |"
        )
    everything = out / "runs" / "all"
    if (everything / "curation" / "summary.json").exists():
        drops = read_drops(everything)
        bad = [row for row, found in enumerate(defects) if found - {"opened"}]
        sound = [row for row, found in enumerate(defects) if not found]
        kept = [row for row in range(len(defects)) if row not in drops]
        lines += [
            "",
            f"All in a row: {len(drops)} of {len(defects)} dropped; of {len(bad)} rows with a "
            f"defect {sum(row in drops for row in bad)}, of {len(sound)} clean ones "
            f"{sum(row in drops for row in sound)}; {len(kept)} stay.",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("outputs/curation_experiment"))
    given = parser.parse_args()
    table = render(given.out)
    (Path(__file__).parent / "table.md").write_text(table)
    print(table)
