"""The report of a pipeline: what each step came to, and what is not there yet."""

import json
from pathlib import Path

import pytest

from mm_rl.evaluation.metrics import Outcome, Sample, measure
from mm_rl.evaluation.results import BenchmarkResult, write_results
from mm_rl.files import write_json
from mm_rl.report.__main__ import main
from mm_rl.report.frontier import FrontierPoint
from mm_rl.report.pipeline import StepResult, frontier_points, write_pipeline_report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pipeline of three steps: one done, one killed, one not begun."""
    write_json(
        tmp_path / "pipeline.json",
        {
            "name": "<b>chain</b>",
            "seed": 4,
            "steps": ["sft", "rl", "merge"],
            "frontier": ["rl", "merge"],
        },
    )
    write_json(tmp_path / "seconds.json", {"sft": 90.0})
    for name, status, accuracy in (("01-sft", "finished", 0.25), ("02-rl", "running", 0.5)):
        step = tmp_path / name
        step.mkdir()
        stage = name[3:]
        write_json(step / "config.json", {"name": stage, "stages": [stage]})
        write_json(step / "status.json", {"status": status})
        lines = [
            {"stage": stage, "step": at, "eval/accuracy": value, "eval/num_tokens": 40.0 + at}
            for at, value in ((0, 0.1), (8, accuracy))
        ]
        (step / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return tmp_path


def evaluated(name: str, num_right: int) -> BenchmarkResult:
    """A benchmark of eight problems, some of them solved in 30 tokens."""
    outcomes = [
        Outcome(
            id=str(number),
            samples=(Sample(correct=number < num_right, num_tokens=30, answered=True, cut=False),),
            tags={},
        )
        for number in range(8)
    ]
    return BenchmarkResult(
        name=name,
        rule="equal",
        samples=1,
        temperature=1.0,
        max_tokens=64,
        confidence=0.9,
        skipped={},
        metrics=measure(outcomes, ks=[1], budgets=[64], confidence=0.9),
    )


def steps_of(folder: Path) -> dict[str, dict[str, object]]:
    steps = json.loads((folder / "report" / "steps.json").read_text())
    return {step["name"]: step for step in steps}


def test_all_steps_are_shown_on_one_benchmark(folder: Path) -> None:
    # The first was evaluated on another benchmark only: its greedy held-out accuracy stands there,
    # not the other benchmark's, nor the mean that the stage `evaluate` logs.
    write_results(folder / "01-sft", [evaluated("mmmu", 8)])
    with (folder / "01-sft" / "metrics.jsonl").open("a") as file:
        line = {"stage": "evaluate", "step": 0, "eval/accuracy": 1.0, "eval/num_tokens": 30.0}
        file.write(json.dumps(line) + "\n")
    write_results(folder / "02-rl", [evaluated("mmmu", 2), evaluated("held_out", 4)])
    page = write_pipeline_report(folder).read_text()
    sft, rl, merge = steps_of(folder).values()
    assert [sft[key] for key in ("benchmark", "accuracy", "confidence")] == ["held_out", 0.25, None]
    assert [rl[key] for key in ("benchmark", "accuracy", "confidence")] == ["held_out", 0.5, 0.9]
    assert (merge["benchmark"], merge["accuracy"]) == (None, None)
    caption = (
        "Accuracy on held_out: several samples each, with 90 % confidence intervals, greedy where "
        "there is no interval"
    )
    assert caption in page


def test_where_nothing_is_evaluated_on_held_out_problems_the_benchmark_is_named(
    folder: Path,
) -> None:
    write_results(folder / "02-rl", [evaluated("mmmu", 2)])
    page = write_pipeline_report(folder).read_text()
    # Greedy accuracy is of the held-out problems, and has no place beside MMMU's.
    assert [step["accuracy"] for step in steps_of(folder).values()] == [None, 0.25, None]
    assert "Accuracy on mmmu: several samples each, with 90 % confidence intervals</span>" in page
    figure = (folder / "report" / "frontier.svg").read_text()
    assert "<!-- mmmu -->" in figure


def test_a_missing_frontier_says_why(folder: Path) -> None:
    for name in ("01-sft", "02-rl"):
        (folder / name / "metrics.jsonl").write_text("")
    page = write_pipeline_report(folder).read_text()
    assert "None of the steps to compare (rl, merge) was evaluated on held_out yet." in page
    assert "<caption><span>No step was evaluated yet</span></caption>" in page
    plan = json.loads((folder / "pipeline.json").read_text())
    write_json(folder / "pipeline.json", plan | {"frontier": []})
    page = write_pipeline_report(folder).read_text()
    assert "pipeline.frontier names no steps to compare." in page


def test_each_step_shows_its_last_evaluation(folder: Path) -> None:
    write_pipeline_report(folder)
    steps = json.loads((folder / "report" / "steps.json").read_text())
    assert [(s["name"], s["status"], s["accuracy"], s["num_tokens"]) for s in steps] == [
        ("sft", "finished", 0.25, 48.0),
        ("rl", "unfinished", 0.5, 48.0),
        ("merge", "not started", None, None),
    ]
    assert [step["seconds"] for step in steps] == [90.0, None, None]


def test_the_page_links_finished_steps_and_escapes_names(folder: Path) -> None:
    page = write_pipeline_report(folder).read_text()
    assert "1 of 3 steps finished" in page
    assert '<a href="../01-sft/report/index.html">sft</a>' in page
    assert "../02-rl/report" not in page
    assert "25.0 %" in page and "1.5</td>" in page
    assert "<b>chain</b>" not in page and "&lt;b&gt;chain&lt;/b&gt;" in page


def test_the_report_command_knows_a_pipeline(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(folder)]) == 0
    page = Path(capsys.readouterr().out.strip()).read_text()
    assert "1 of 3 steps finished" in page


def test_the_frontier_has_the_chosen_steps_that_were_evaluated() -> None:
    steps = [
        StepResult(name="sft", folder="01-sft", status="finished", accuracy=0.2, num_tokens=9.0),
        StepResult(
            name="rl", folder="02-rl", status="finished", accuracy=0.5, low=0.4, high=0.6,
            confidence=0.9, num_tokens=50.0,
        ),
        StepResult(name="merge", folder="03-merge", status="not started"),
    ]  # fmt: skip
    assert frontier_points(steps, ["rl", "merge"]) == [
        FrontierPoint(label="rl", accuracy=0.5, mean_tokens=50.0, ci=(0.4, 0.6), confidence=0.9)
    ]


def test_a_folder_without_steps_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no pipeline's folder"):
        write_pipeline_report(tmp_path)
