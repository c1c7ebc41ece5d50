"""Small problem folders for the tests: print the larger of two numbers."""

import json
from pathlib import Path
from typing import Any

# Draws from `random` only: CYaRon takes 60 ms to import, which the bundled problems pay.
GENERATOR = """\
import json, random
request = json.loads(input())
random.seed(request["seed"])
top = {"small": 9, "medium": 999, "large": 10**6, "max": 10**9, "edge": 10**9}[request["size"]]
print(random.randint(-top, top), random.randint(-top, top))
"""
RIGHT = "print(max(map(int, input().split())))\n"
# Wrong where the second number is larger: half of the inputs.
WRONG_FIRST = "print(int(input().split()[0]))\n"


def write_problem(
    parent: Path,
    name: str = "larger",
    *,
    generator: str | None = GENERATOR,
    validator: str | None = None,
    right: list[str] | None = None,
    wrong: list[str] | None = None,
    **meta: Any,
) -> Path:
    """A problem folder with one submission per text."""
    folder = parent / name
    (folder / "solutions").mkdir(parents=True)
    (folder / "statement.md").write_text("Print the larger of two numbers.\n")
    values = {"name": name, "title": "The larger one", "constraints": "up to 10^9", **meta}
    (folder / "problem.json").write_text(json.dumps(values))
    for file, text in (("generator.py", generator), ("validator.py", validator)):
        if text is not None:
            (folder / file).write_text(text)
    for kind, sources in (("right", right or [RIGHT]), ("wrong", wrong or [])):
        for number, source in enumerate(sources):
            (folder / "solutions" / f"{kind}_{number:02d}.py").write_text(source)
    return folder
