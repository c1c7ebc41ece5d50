"""Train a policy or take one, then run every filter alone on the planted pool, and all in a row."""

import argparse
import subprocess
import sys
from pathlib import Path

from analyze import ALL_TASKS, pool_of
from make_pool import make_pool

FILTERS = (
    "excluded", "mislabelled", "exact_duplicates", "near_text", "paraphrases", "near_images",
    "relevance", "contamination", "guess", "blind", "difficulty",
)  # fmt: skip
POLICY = (
    "+experiment=curate/quick", "name=curation_experiment", "stages=[sft]", "eval.controls=false",
)  # fmt: skip


def run(*command: str) -> None:
    """One command line of the package; stops at the first that fails."""
    print("$", " ".join(command), flush=True)
    subprocess.run([sys.executable, "-m", *command], check=True)


def curate(out: Path, policy: Path, name: str, overrides: list[str]) -> None:
    """One curation; the folder of an earlier one is gone on with."""
    filters, settings = (name,), list(overrides)
    if name == "all":
        filters = FILTERS
    elif name == ALL_TASKS:
        filters = ("relevance",)
        settings.append("curation.relevance.modalities=[rendered,synthetic]")
    run(
        "mm_rl.curate",
        "name=curation_experiment",
        "model=pretrained",
        f"model.path={policy}",
        f"data.path={out / pool_of(name)}",
        "data.eval_size=60",
        # Its test pictures equal those of its training split: one shape on a plain ground.
        "data.easy_vqa_eval_size=0",
        "rollout.max_total_tokens=112",
        f"curation.filters=[{','.join(filters)}]",
        f"curation.contamination.paths=[{out / 'evaluation'}]",
        f"run_dir={out / 'runs' / name}",
        "resume=auto",
        *settings,
    )


def main() -> None:
    """Everything, from the pool to the runs that `analyze.py` reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("outputs/curation_experiment"))
    parser.add_argument("--policy", type=Path, help="a trained policy; default: train one")
    parser.add_argument("--clean", type=int, default=150)
    parser.add_argument("--planted", type=int, default=12)
    parser.add_argument("--only", nargs="*", default=[*FILTERS, ALL_TASKS, "all"])
    parser.add_argument("overrides", nargs="*")
    given = parser.parse_args()
    out: Path = given.out.resolve()
    if not (out / "pool.jsonl").exists():
        make_pool(out, num_clean=given.clean, num_planted=given.planted)
    policy = given.policy
    if policy is None:
        run("mm_rl.train", *POLICY, f"run_dir={out / 'policy'}", "resume=auto")
        policy = out / "policy" / "policy"
    for name in given.only:
        curate(out, policy.resolve(), name, given.overrides)


if __name__ == "__main__":
    main()
