"""The stage on a policy whose answers are known, and what it reads, writes and refuses."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import fmean

import pyarrow.parquet as pq
import pytest
import torch

from data_synth.problem import Problem
from data_synth.sources.hub import BENCHMARKS
from mm_rl.attempts import Attempt, PromptAttempts
from mm_rl.build import build_prompts
from mm_rl.config import OptimConfig, TrainConfig
from mm_rl.config.evaluation import BenchmarkConfig, EvaluateConfig
from mm_rl.evaluation.results import (
    RESULTS_FILE,
    SUMMARY_FILE,
    metric_values,
    read_results,
    show_estimate,
)
from mm_rl.evaluation.sets import draw_other_forms, open_set, open_sets, other_form
from mm_rl.evaluation.stage import EvaluateStage, build_outcome, record_attempt
from mm_rl.metrics import read_metrics
from mm_rl.policy.batch import TrainRow, micro_batches
from mm_rl.policy.model import Policy
from mm_rl.policy.trainer import Trainer
from mm_rl.prompts.prompt_set import ListPromptSet
from mm_rl.prompts.tags import tag_problem
from mm_rl.records import read_records
from mm_rl.run import Run
from mm_rl.types import FinishReason, Prompt
from tests.conftest import compose_config

SAYS = "<think></think>\\boxed{25}"
AIME_URL = "https://artofproblemsolving.com/wiki/index.php/2024_AIME_I_Problems/Problem_{}"


def write_aime(folder: Path, answers: list[str]) -> Path:
    """A copy of AIME 2024 with these answers; problem numbers go up by two."""
    rows = [
        {"problem": f"What is {n}?", "answer": answer, "url": AIME_URL.format(2 * n + 1)}
        for n, answer in enumerate(answers)
    ]
    path = folder / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def config_of(folder: Path, *overrides: str) -> TrainConfig:
    path = write_aime(folder, ["25", "025", "30", "25", "7"])
    return compose_config(
        "+experiment=evaluate/held_out",
        "data.eval_size=3",
        "rollout.max_total_tokens=20",
        "evaluation.samples=4",
        "evaluation.temperature=0.7",
        f"+evaluation.benchmarks={{aime-2024:{{path:'{path}'}}}}",
        *overrides,
    )


@pytest.fixture
def run(policy: Policy, tmp_path: Path) -> Iterator[Run]:
    """A run whose policy was taught one completion, which it gives nearly always."""
    config = config_of(tmp_path)
    folder = tmp_path / "run"
    folder.mkdir()
    made = Run(config, folder, policy=policy, prompts=build_prompts(config), metrics_bytes=0)
    prompts = open_set(made, "aime-2024", config.evaluation.benchmarks["aime-2024"]).prompts
    rows = [
        TrainRow(
            prompt=made.encoder.encode_uncached(prompts.prompt(index, made.images), blind=False),
            token_ids=tuple(policy.encode_completion(SAYS)),
        )
        for index in range(len(prompts))
    ]
    trainer = Trainer(policy, OptimConfig(lr=3e-3))
    batches = list(micro_batches(rows, max_tokens=10_000, policy=policy))
    for _ in range(25):
        trainer.step(batches, lambda batch, logprobs: -(logprobs * batch.mask_BT).sum() / 50)
    yield made
    made.close()


def test_results_are_those_of_the_attempts_on_disk(run: Run) -> None:
    EvaluateStage(run).run()

    rows = [
        row
        for path in (run.folder / "attempts" / "evaluate-aime-2024").glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    by_problem = [[row for row in rows if row["prompt"] == number] for number in range(5)]
    result = read_results(run.folder)[0]
    metrics = result.metrics
    rates = [fmean(row["correct"] for row in each) for each in by_problem]
    # The policy says 25 to everything, and three of five references are 25.
    assert rates[2] == rates[4] == 0
    assert fmean(rates) > 0.4
    assert metrics.accuracy.value == pytest.approx(fmean(rates))
    assert metrics.pass_at[4].value == pytest.approx(fmean(rate > 0 for rate in rates))
    assert metrics.majority_at[4].value >= metrics.accuracy.value - 1e-9
    assert metrics.mean_tokens == pytest.approx(fmean(len(row["token_ids"]) for row in rows))
    assert metrics.tokens_per_correct == pytest.approx(metrics.mean_tokens / fmean(rates))
    # Default budgets: eight steps up to the cap of 20 tokens.
    assert list(metrics.within_budget) == [2, 5, 7, 10, 12, 15, 17, 20]
    for budget, estimate in metrics.within_budget.items():
        expected = fmean(
            fmean(row["correct"] and len(row["token_ids"]) <= budget for row in each)
            for each in by_problem
        )
        assert estimate.value == pytest.approx(expected)
    assert metrics.within_budget[20] == metrics.accuracy
    cut = fmean(row["finish_reason"] == "length_total" for row in rows)
    assert (metrics.cut, result.max_tokens, result.confidence) == (pytest.approx(cut), 20, 0.95)
    # Levels of five: problems 1, 3, 5, then 7, 9.
    easy, hard = (metrics.by_tag["difficulty"][level] for level in "01")
    assert easy.accuracy.value == pytest.approx(fmean(rates[:3]))
    assert hard.accuracy.value == pytest.approx(fmean(rates[3:]))
    assert hard.pass_at[4].value == pytest.approx(fmean(rate > 0 for rate in rates[3:]))
    assert list(hard.within_budget) == [2, 5, 7, 10, 12, 15, 17, 20]
    assert set(metrics.by_tag) == {"source", "domain", "modality", "difficulty"}


def test_it_leaves_metrics_records_and_tables(run: Run) -> None:
    run.config.evaluation.consistency = False
    EvaluateStage(run).run()

    results = read_results(run.folder)
    line = read_metrics(run.folder)[-1]
    assert (line["stage"], line["step"]) == ("evaluate", 0)
    assert line["eval/accuracy"] == results[0].metrics.accuracy.value
    assert line["eval/pass_at_4/aime-2024"] == results[0].metrics.pass_at[4].value
    assert {key: line[key] for key in metric_values(results)} == metric_values(results)
    records = read_records(run.folder / "evals" / "evaluate-000000.parquet")
    assert [record.reference for record in records] == ["25", "25", "30", "25", "7"]
    assert {record.source for record in records} == {"aime-2024"}
    accuracy = results[0].metrics.accuracy
    summary = (run.folder / SUMMARY_FILE).read_text()
    shown = f"{100 * accuracy.value:.1f} % [{100 * accuracy.low:.1f}, {100 * accuracy.high:.1f}]"
    assert f"| aime-2024 | 5 | {shown} |" in summary
    assert "4 samples per problem at temperature 0.7, at most 20 tokens each" in summary
    easy = results[0].metrics.by_tag["difficulty"]["0"]
    assert f"| 0 | 3 | {show_estimate(easy.accuracy)} | {100 * easy.pass_at[4].value:.1f} %" in (
        summary
    )
    assert "leading zeros allowed" in summary
    assert (run.folder / "evaluation" / "report.html").exists()


def test_a_second_process_reads_the_attempts_and_finds_the_same(run: Run) -> None:
    EvaluateStage(run).run()
    first = (run.folder / RESULTS_FILE).read_bytes()
    for parameter in run.policy.model.parameters():
        torch.nn.init.zeros_(parameter)  # sampling again would give something else
    EvaluateStage(run).run()
    assert (run.folder / RESULTS_FILE).read_bytes() == first


def test_text_problems_are_asked_as_images_too(run: Run) -> None:
    run.config.evaluation.consistency = True
    run.config.evaluation.samples = 2
    EvaluateStage(run).run()

    result = read_results(run.folder)[0]
    pair = result.consistency
    assert pair is not None
    assert pair.num_problems == 5
    assert pair.text == result.metrics.accuracy
    rows = [
        row
        for path in (run.folder / "attempts" / "evaluate-aime-2024-other_form").glob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    assert len(rows) == 10
    assert pair.image.value == pytest.approx(fmean(row["correct"] for row in rows))
    assert pair.both + pair.image_only == sum(
        sum(row["correct"] for row in rows if row["prompt"] == number) >= 1 for number in range(5)
    )


def test_the_other_form_of_a_problem() -> None:
    text = Problem(question="What is 2+2?", answer="4", answer_type="number", verifier="numeric",
                   source="s")  # fmt: skip
    image = other_form(text)
    assert image is not None
    assert (image.text_twin, len(image.images)) == ("What is 2+2?", 1)
    back = other_form(image)
    assert back is not None
    assert (back.question, back.images, back.answer) == ("What is 2+2?", (), "4")
    photo = Problem(question="Who?", answer="x", answer_type="string", verifier="exact",
                    source="s", images=(b"png",))  # fmt: skip
    assert other_form(photo) is None


def test_outcomes_leave_failed_verifications_out_and_number_the_answers() -> None:
    problem = Problem(question="?", answer="4", answer_type="number", verifier="numeric",
                      source="s", difficulty=3)  # fmt: skip
    prompt = Prompt(id="p", question="?", image_keys=(), answer="4", verifier="numeric", source="s")
    attempts = tuple(
        Attempt(
            sample_index=number,
            token_ids=(1,) * (number + 1),
            text=f"text {number}",
            answer=answer,
            correct=reason == "equal",
            reason=reason,
            finish_reason=FinishReason.LENGTH_TOTAL if number == 5 else FinishReason.STOP,
        )
        for number, (answer, reason) in enumerate(
            [("4", "equal"), ("5", "different"), ("5.0", "different"), (None, "no_box"),
             ("6", "failed"), (None, "length_total")]
        )
    )  # fmt: skip
    result = PromptAttempts(index=0, prompt=prompt, attempts=attempts)

    found = build_outcome(result, tag_problem(problem))

    assert [(s.correct, s.num_tokens, s.answered, s.cut, s.vote) for s in found.samples] == [
        (True, 1, True, False, 0),
        (False, 2, True, False, 1),
        (False, 3, True, False, 1),
        (False, 4, False, False, None),
        (False, 6, False, True, None),
    ]
    assert (found.num_failed, found.votes, found.tags["difficulty"]) == (1, True, "3")
    record = record_attempt(result, stage="evaluate")
    assert (record.completion, record.total_reward, record.num_tokens) == ("text 0", 1.0, 1)


@pytest.mark.parametrize(
    ("name", "config", "message"),
    [
        ("mystery", BenchmarkConfig(), "evaluation.benchmarks.mystery: unknown; choose from"),
        (
            "held_out",
            BenchmarkConfig(path="x"),
            "evaluation.benchmarks.held_out.path=x: held-out problems are those of `data`",
        ),
        ("aime-2024", BenchmarkConfig(path="nowhere"), "path='nowhere' of aime-2024 does not"),
        ("mmmu", BenchmarkConfig(split="train"), "split='train' of mmmu: choose validation"),
        # The last split of some is not labelled, and of some it is what one trains on.
        (
            "textvqa",
            BenchmarkConfig(),
            "evaluation.benchmarks.textvqa.split: .* choose from train, validation",
        ),
    ],
)
def test_sets_that_cannot_be_opened_are_named(
    policy: Policy, tmp_path: Path, name: str, config: BenchmarkConfig, message: str
) -> None:
    tree = config_of(tmp_path)
    made = Run(tree, tmp_path, policy=policy, prompts=build_prompts(tree), metrics_bytes=0)
    with pytest.raises(ValueError, match=message):
        open_set(made, name, config)
    made.close()


def test_limits_and_other_sources(policy: Policy, tmp_path: Path) -> None:
    tree = config_of(tmp_path)
    made = Run(tree, tmp_path, policy=policy, prompts=build_prompts(tree), metrics_bytes=0)
    held_out = open_set(made, "held_out", BenchmarkConfig(limit=2))
    assert (held_out.size, len(held_out.prompts)) == (2, 3)
    assert held_out.max_tokens == 20
    # A source without an official form is read on the split that is named, as it is.
    gsm8k = tmp_path / "test.jsonl"
    gsm8k.write_text('{"question": "q", "answer": "#### 3"}\n{"question": "r", "answer": "x"}\n')
    config = BenchmarkConfig(path=str(gsm8k), split="test", max_tokens=7)
    found = open_set(made, "gsm8k", config)
    assert isinstance(found.prompts, ListPromptSet)
    assert (found.size, found.rule, found.skipped) == (1, "numeric", {"no final answer": 1})
    assert found.max_tokens == 7
    made.close()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"samples": 0}, "evaluation.samples=0: must be at least 1"),
        ({"ks": [0, 2]}, r"evaluation.ks=\[0, 2\]: give 1 or more"),
        ({"confidence": 95}, "evaluation.confidence=95: choose between 0 and 1"),
        ({"by_tags": ["colour"]}, r"evaluation.by_tags=\['colour'\]: choose from source"),
        ({"temperature": -1.0}, "evaluation.temperature=-1.0: must be 0 or more"),
        ({"max_tokens": 0}, "evaluation.max_tokens=0: give 1 or more, or null"),
        ({"max_tokens": -5}, "evaluation.max_tokens=-5: give 1 or more, or null"),
    ],
)
def test_the_configuration_names_key_value_and_fix(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EvaluateConfig(**values)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"evaluation.benchmarks.*limit=0"):
        BenchmarkConfig(limit=0)
    with pytest.raises(ValueError, match=r"evaluation.benchmarks.*max_tokens=0"):
        BenchmarkConfig(max_tokens=0)


def test_experiments_name_every_benchmark_and_take_local_copies() -> None:
    named = compose_config("+experiment=evaluate/held_out", "+evaluation.benchmarks={mmmu:{}}")
    assert named.evaluation.benchmarks == {"mmmu": BenchmarkConfig()}
    published = compose_config(
        "+experiment=evaluate/benchmarks", "evaluation.benchmarks.mmmu.path=copies/MMMU"
    ).evaluation
    # Reasoning on MATH or MMMU takes thousands of tokens, on AIME and with programs many more.
    assert (published.max_tokens or 0) >= 4096
    all_of_them = published.benchmarks
    assert (all_of_them["aime-2024"].max_tokens or 0) >= 8192
    assert set(all_of_them) - {"held_out"} == set(BENCHMARKS) - {"docvqa"}
    assert all_of_them["mmmu"].path == "copies/MMMU"


def test_the_held_out_problems_are_the_benchmark_where_none_is_named(run: Run) -> None:
    run.config.evaluation.benchmarks = {}
    EvaluateStage(run).run()
    result = read_results(run.folder)[0]
    assert (result.name, result.metrics.accuracy.num_problems) == ("held_out", 3)
    # None of the three tasks of `data=quick` has a text twin.
    assert result.consistency is None


def asked(question: str, *, verifier: str = "numeric", images: tuple[bytes, ...] = ()) -> Problem:
    answer = '{"tests": [{"input": "", "output": "4"}]}' if verifier == "program" else "4"
    return Problem(question=question, answer=answer, answer_type="number", verifier=verifier,
                   source="made", images=images)  # fmt: skip


@pytest.fixture
def run_of(policy: Policy, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    """Makes a run whose held-out problems are the given ones."""
    made: list[Run] = []

    def make(problems: list[Problem], *overrides: str) -> Run:
        config = config_of(tmp_path, "evaluation.samples=2", *overrides)
        folder = tmp_path / f"run{len(made)}"
        folder.mkdir()
        prompts = {"eval": ListPromptSet(problems)}
        made.append(Run(config, folder, policy=policy, prompts=prompts, metrics_bytes=0))
        return made[-1]

    yield make
    for run in made:
        run.close()


def test_what_the_sets_need_is_told_at_once_before_anything_is_sampled(
    run_of: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine on which no level holds.
    monkeypatch.setattr("mm_rl.sandbox.probe.ESCAPES", "print('trace')\nprint('end')")
    run = run_of(
        [asked("Write one."), asked("Write two.", verifier="program")],
        "+evaluation.benchmarks={held_out:{max_tokens:5000},mystery:{}}",
    )
    with pytest.raises(ValueError) as caught:
        EvaluateStage(run).run()
    told = str(caught.value)
    assert "held_out has answers that nothing here can judge (no program can be contained" in told
    assert "or leave it out: ~evaluation.benchmarks.held_out" in told
    assert re.search(r"held_out needs 5\d\d\d positions \(.*max_tokens=5000\).* has 1024", told)
    assert "evaluation.benchmarks.mystery: unknown" in told
    assert not (run.folder / "attempts").exists()

    free = run_of([asked("Why?", verifier="reward_model")], "+evaluation.benchmarks={held_out:{}}")
    with pytest.raises(ValueError, match=r"held_out .* reward\.judge\.kind=none: choose classic"):
        open_sets(free)


def test_problems_that_no_font_can_draw_are_left_out_of_the_comparison(
    run_of: Callable[..., Run],
) -> None:
    # U+0378 is no character.
    problems = [asked("What is \u0378?"), asked("What is 2+2?"), asked("\u0378?")]
    run = run_of(problems, "+evaluation.benchmarks={held_out:{}}", "evaluation.consistency=true")
    EvaluateStage(run).run()
    result = next(each for each in read_results(run.folder) if each.name == "held_out")
    assert result.metrics.accuracy.num_problems == 3
    assert result.consistency is not None and result.consistency.num_problems == 1
    assert [count for reason, count in result.skipped.items() if "U+0378" in reason] == [2]
    drawn = draw_other_forms(open_set(run, "held_out", BenchmarkConfig()))
    assert drawn.indices == (1,)
    assert drawn.prompts.problem(0).text_twin == "What is 2+2?"


def test_results_of_a_set_survive_the_failure_of_a_later_one(run_of: Callable[..., Run]) -> None:
    broken = asked("What is it?", images=(b"no image",))
    problems = [*(asked(f"What is {n}?") for n in range(8)), broken]
    run = run_of(problems, "+evaluation.benchmarks={held_out:{}}", "evaluation.consistency=false")
    assert list(run.config.evaluation.benchmarks) == ["aime-2024", "held_out"]
    with pytest.raises(ValueError, match="the file is not one of PNG"):
        EvaluateStage(run).run()
    assert [result.name for result in read_results(run.folder)] == ["aime-2024"]
    assert "aime-2024" in (run.folder / "evaluation" / "report.html").read_text()


def test_a_cap_that_cuts_most_completions_is_told_on_the_console(
    run_of: Callable[..., Run], capsys: pytest.CaptureFixture[str]
) -> None:
    """A policy without training hardly ever ends within three tokens."""
    run = run_of([asked("What is 1?")], "evaluation.max_tokens=3", "evaluation.consistency=false")
    EvaluateStage(run).run()
    assert read_results(run.folder)[0].metrics.cut > 0.5
    assert "of the completions on aime-2024 were cut at 3 tokens" in capsys.readouterr().out


def test_broken_results_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no evaluation/results.json"):
        read_results(tmp_path)
    (tmp_path / "evaluation").mkdir()
    for text in ("{", "[1]", '[{"name": "x"}]', '{"a": 1}'):
        (tmp_path / RESULTS_FILE).write_text(text)
        with pytest.raises(ValueError, match=r"holds no results .* evaluate again"):
            read_results(tmp_path)
