"""Items and pixels that never change: other machines and builds must make the same ones.

After a wanted change: raise `_VERSION` in `data_synth/tasks/__init__.py` if scenes changed, and run
`python -m tests.unit.data_synth.test_golden` to write golden.json anew.
"""

import hashlib
import json
from pathlib import Path

import pytest

from data_synth.render import PageStyle, Paragraph, Span, layout, render_text
from data_synth.style import PLAIN
from data_synth.tasks import TASKS, make_scene, picture

GOLDEN = Path(__file__).with_name("golden.json")
LEVEL, INDEX, SIZE = 2, 7, 448
# Shaded with floating-point arrays, which may differ in the last bit between processors.
STATE_ONLY = ("scene_3d",)
PAGES = {
    "prose": "The quick brown fox (1984) jumps over\n    the lazy dog; 3.14 * x = y?",
    "unicode": "\u4f60\u597d \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u0915\u094d",
}


def digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def task_hashes(name: str) -> dict[str, str]:
    posed = make_scene(name, index=INDEX, level=LEVEL)
    hashes = {"scene": digest(posed.pose.questions, posed.answer, posed.scene)}
    if name not in STATE_ONLY:
        image = picture(posed.task.draw(posed.scene, size=SIZE, style=PLAIN))
        hashes["pixels"] = digest(image.mode, image.size, image.tobytes())
    return hashes


def page_hash(name: str) -> str:
    if name == "colours":
        spans = (Span(text="red", color=(200, 0, 0)), Span(text=" bold", bold=True))
        page = layout([Paragraph(spans=spans)], PageStyle(width=200, font="dejavu-serif")).image
    else:
        page = render_text(PAGES[name], width=500, font="dejavu-sans", font_size=22).image
    return digest(page.mode, page.size, page.tobytes())


@pytest.mark.parametrize("name", sorted(TASKS))
def test_scenes_and_pixels_are_those_of_every_other_machine(name: str) -> None:
    assert task_hashes(name) == json.loads(GOLDEN.read_text())["tasks"][name]


@pytest.mark.parametrize("name", [*PAGES, "colours"])
def test_pages_are_those_of_every_other_machine(name: str) -> None:
    assert page_hash(name) == json.loads(GOLDEN.read_text())["pages"][name]


def main() -> None:
    """Write what this checkout makes."""
    golden = {
        "tasks": {name: task_hashes(name) for name in sorted(TASKS)},
        "pages": {name: page_hash(name) for name in [*PAGES, "colours"]},
    }
    GOLDEN.write_text(json.dumps(golden, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
