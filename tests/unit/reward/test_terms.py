"""Reward functions of the user's own."""

import sys
from pathlib import Path

import pytest

from mm_rl.reward.terms import Sample, load_terms, pay
from mm_rl.types import Completion, Prompt

SAMPLE = Sample(
    prompt=Prompt(id="p", question="?", image_keys=(), answer="1", verifier="exact", source="s"),
    completion=Completion(sample_index=0),
    text="four words of text",
    answer="1",
    correct=True,
)


def test_a_function_is_found_by_its_path_and_paid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_rewards.py").write_text(
        "def words(sample):\n    return len(sample.text.split()) * (1 if sample.correct else -1)\n"
        "def broken(sample):\n    return 1 / 0\n"
        "def endless(sample):\n    return float('inf')\n"
        "number = 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    try:
        terms = load_terms({name: f"own_rewards:{name}" for name in ("words", "broken", "endless")})
        assert pay("words", terms["words"], SAMPLE) == 4.0
        with pytest.raises(ValueError, match=r"functions\.broken failed on prompt p: Zero"):
            pay("broken", terms["broken"], SAMPLE)
        with pytest.raises(ValueError, match=r"reward\.functions\.endless gave inf on prompt p"):
            pay("endless", terms["endless"], SAMPLE)
        with pytest.raises(ValueError, match="is no function"):
            load_terms({"n": "own_rewards:number"})
    finally:
        sys.modules.pop("own_rewards", None)


@pytest.mark.parametrize("path", ["nowhere:f", "math:nothing", "math", ":f", "math.sqrt"])
def test_a_path_that_leads_nowhere_is_named_with_its_key(path: str) -> None:
    with pytest.raises(ValueError, match=r"reward\.functions\.mine=.*package\.module"):
        load_terms({"mine": path})
