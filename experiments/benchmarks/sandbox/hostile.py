"""Table of every hostile program at every level, as markdown.

    python experiments/benchmarks/sandbox/hostile.py > experiments/benchmarks/sandbox/hostile.md

Contained means that the run ended in a status it may end in, within its limits, that the canaries
(files, sockets, shared memory, a sibling process, the environment, limits, clock) are untouched, no
process is left, nothing secret is in the output, and the next honest run is right.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from mm_rl.sandbox import Level, Sandbox, SandboxConfig, SandboxUnavailable  # noqa: E402
from tests.unit.sandbox.hostile.test_hostile import NATIVE, PYTHON  # noqa: E402
from tests.unit.sandbox.hostile.world import World, complaints  # noqa: E402


def main() -> None:
    """Runs all and prints one row each, the totals last."""
    world = World()
    total = contained = 0
    print("| program | language | level | status | seconds | contained |")
    print("|---|---|---|---|---|---|")
    for level in Level:
        try:
            sandbox = Sandbox(SandboxConfig(level=level, workers=1))
        except SandboxUnavailable as reason:
            print(f"\n{level.value}: not here: {reason}\n")
            continue
        with sandbox:
            languages = sandbox.languages()
            for hostile in (*PYTHON, *NATIVE):
                away = hostile.language != "python" and level is not Level.NAMESPACES
                if away or hostile.language not in languages:
                    continue
                found, status, seconds = complaints(hostile, world, sandbox)
                verdict = "; ".join(found)[:200].replace("\n", " ").replace("|", "/") or "yes"
                total += 1
                contained += not found
                row = (
                    hostile.name,
                    hostile.language,
                    level.value,
                    status,
                    f"{seconds:.2f}",
                    verdict,
                )
                print("| " + " | ".join(row) + " |", flush=True)
    world.close()
    print(f"\n{contained} of {total} runs contained.")


if __name__ == "__main__":
    main()
