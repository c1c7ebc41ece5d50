"""The same problem as text and as an image: other prompts, the same answer."""

from pathlib import Path

from data_synth import make_problem
from data_synth.problem import Modality, Problem
from mm_rl.build import build_prompts
from mm_rl.prompts.images import ImageStore, decode_image
from mm_rl.prompts.presentation import present
from tests.conftest import compose_config

TEXT = Problem(
    question="What is 2 + 3?", answer="5", answer_type="number", verifier="numeric", source="s",
    modality=Modality.TEXT,
)  # fmt: skip


def test_a_rendered_problem_is_asked_by_its_twin() -> None:
    problem = make_problem("write_program", index=1, image_size=96)
    asked = present(problem, "text")
    assert asked.question == problem.text_twin and asked.images == ()
    assert (asked.answer, asked.verifier, asked.reasoning) == (
        problem.answer,
        problem.verifier,
        problem.reasoning,
    )
    assert asked.modality is Modality.TEXT and asked.id != problem.id
    assert present(problem, "as_made") == problem == present(problem, "image")


def test_what_has_no_twin_stays_a_picture() -> None:
    problem = make_problem("row_sums", index=1, image_size=64)
    assert problem.text_twin is None and present(problem, "text") == problem


def test_a_text_problem_becomes_pages_and_back() -> None:
    shown = present(TEXT, "image")
    assert shown.question != TEXT.question and shown.text_twin == TEXT.question
    page = decode_image(shown.images[0], name="page")
    assert len(set(page.convert("L").tobytes())) > 1, "an empty page"
    assert " ".join(region.text for region in shown.regions) == TEXT.question
    assert present(shown, "text").question == TEXT.question


def test_the_configuration_presents_every_set(tmp_path: Path) -> None:
    overrides = ("+experiment=code", "data.eval_size=2")
    images = ImageStore(tmp_path)
    pictured = build_prompts(compose_config(*overrides))
    written = build_prompts(compose_config(*overrides, "data.presentation=text"))
    for role in ("demonstrations", "eval", "train"):
        one, other = (sets[role].prompt(0, images) for sets in (pictured, written))
        assert len(one.image_keys) == 1 and other.image_keys == ()
        assert one.answer == other.answer
