"""The layout as tests: imports point one way, light modules stay light, files stay short."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Submissions of the bundled problems are data, in the styles of many people.
PROBLEMS = ROOT / "mm_rl" / "testgen" / "problems"
SOURCES = [
    path
    for package in ("mm_rl", "data_synth")
    for path in sorted((ROOT / package).rglob("*.py"))
    if not path.is_relative_to(PROBLEMS)
]

# Packages in data-flow order; each may import those before it and its own.
LAYERS = (
    ("files", "types", "objective.names", "metrics", "records", "progress", "sandbox"),
    ("torchvision_ops", "report.text", "chat"),
    ("config",),
    ("prompts.images", "reward", "objective", "replay", "testgen"),
    ("policy",),
    ("prompts",),
    ("rollout", "sampling"),
    ("reward_models",),
    ("evaluation", "checkpoint"),
    ("run",),
    ("attempts",),
    ("traces", "stages", "preflight", "curation", "report", "evaluation.sets", "evaluation.stage"),
    ("loop", "reward_models.training"),
    ("build",),
    ("launch",),
    ("pipeline",),
    ("train", "doctor"),
    ("curate", "evaluate"),
)


def layer_of(module: str) -> int:
    """Layer of `mm_rl.<module>`; the longest matching name decides."""
    matches = [
        (len(name), level)
        for level, names in enumerate(LAYERS)
        for name in names
        if module == name or module.startswith(name + ".")
    ]
    assert matches, f"mm_rl.{module} has no place in LAYERS"
    return max(matches)[1]


def imports_of(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def test_mm_rl_imports_point_one_way() -> None:
    wrong = []
    for path in SOURCES:
        if not path.is_relative_to(ROOT / "mm_rl"):
            continue
        module = module_name(path).removeprefix("mm_rl").lstrip(".")
        if not module:
            continue
        for imported in imports_of(path):
            target = imported.removeprefix("mm_rl.")
            if imported.startswith("mm_rl.") and layer_of(target) > layer_of(module):
                wrong.append(f"{module} imports {target}")
    assert not wrong


def test_data_synth_knows_nothing_of_mm_rl_torch_or_hydra() -> None:
    for path in (ROOT / "data_synth").rglob("*.py"):
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert not roots & {"mm_rl", "torch", "transformers", "hydra", "omegaconf"}, path


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("mm_rl.config", ("torch", "transformers", "datasets", "pyarrow")),
        ("mm_rl.train", ("torch", "transformers", "datasets", "pyarrow")),
        ("data_synth", ("torch", "transformers", "datasets", "hydra", "pyarrow", "matplotlib")),
    ],
)
def test_light_modules_load_nothing_heavy(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print(*[name for name in {heavy!r} if name in sys.modules])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout.split() == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short_and_says_what_it_is_for(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 500
    assert ast.get_docstring(ast.parse(text)), "no module docstring"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 80, f"{node.name} is too long"
