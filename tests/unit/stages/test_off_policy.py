"""longcot, shortest and dpo on a real tiny policy: what they learn from, and exact resumption.

An untrained policy solves nothing; for the stages on samples the first prompts are made solvable by
teaching it their demonstrations for a few steps, once.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch

from mm_rl.build import build_prompts, build_stage
from mm_rl.policy.model import Policy, load_policy
from mm_rl.prompts.prompt_set import ListPromptSet
from mm_rl.rollout.engine import GenerationRequest
from mm_rl.run import Run
from mm_rl.stages.completions import CompletionDeck
from mm_rl.stages.dpo import DPOStage
from mm_rl.stages.longcot import LongCoTStage
from mm_rl.stages.shortest import ShortestStage
from mm_rl.traces.screen import Screen
from mm_rl.traces.sources import INSTRUCTION, prompted_traces
from tests.conftest import compose_config

COMMON = (
    *("+experiment=smoke", "data.eval_size=2", "data.easy_vqa_eval_size=0", "eval.controls=false"),
    *("eval.every_sft_steps=0", "sft.easy_vqa_frac=0", "sft.answer_only_frac=0", "seed=3"),
    *("sft.batch_size=4", "sft.steps=4", "checkpoint.every_sft_steps=2"),
    *("longcot.task_prompts=12", "longcot.sampled_prompts=2", "longcot.num_traces=8"),
    *("shortest.num_prompts=3", "shortest.num_samples=4", "rollout.max_total_tokens=96"),
    *("dpo.num_prompts=3", "dpo.num_samples=6", "dpo.batch_size=4", "dpo.epochs=3"),
    "dpo.length_ratio=1.01",
)


@pytest.fixture(scope="module")
def knowing_folder(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy that was taught two ways, short and long, of solving the first three prompts."""
    from mm_rl.policy.batch import TrainRow, micro_batches
    from mm_rl.policy.trainer import Trainer

    torch.set_num_threads(1)
    policy = load_policy(str(tiny_folder), device="cpu", dtype="float32")
    config = compose_config(*COMMON)
    folder = tmp_path_factory.mktemp("teach")
    run = Run(config, folder, policy=policy, prompts=build_prompts(config), metrics_bytes=0)
    rows = []
    for index in range(3):
        problem = run.prompts["train"].problem(index)
        prompt = run.encoder.encode_problem(problem)
        for thought in ("", "plan: ", "plan: plan: plan: "):
            text = f"<think>{thought}</think>\\boxed{{{problem.answer}}}"
            rows.append(TrainRow(prompt=prompt, token_ids=policy.encode_completion(text)))
        instructed = run.encoder.encode_problem(
            replace(problem, question=problem.question + INSTRUCTION)
        )
        rows.append(TrainRow(prompt=instructed, token_ids=rows[-1].token_ids))
        text = f"<think>{'plan: ' * 6}</think>\\boxed{{(1)}}"
        rows.append(TrainRow(prompt=prompt, token_ids=policy.encode_completion(text)))
    config.sft.optim.lr = 3e-3
    trainer = Trainer(policy, config.sft.optim)
    for _ in range(60):
        batches = list(micro_batches(rows, max_tokens=4096, policy=policy))
        trainer.step(batches, lambda batch, logprobs: -logprobs.sum() / 200)
    policy.save(folder / "policy")
    run.close()
    return folder / "policy"


@pytest.fixture
def make_run(knowing_folder: Path) -> Iterator[Callable[[Path, str], Run]]:
    """A run in a folder, from the taught policy or from the folder's newest checkpoint."""
    runs = []
    config = compose_config(*COMMON)
    prompts = build_prompts(config)

    def make(folder: Path, policy_folder: str = "") -> Run:
        torch.set_num_threads(1)
        folder.mkdir(exist_ok=True)
        policy: Policy = load_policy(
            policy_folder or str(knowing_folder), device="cpu", dtype="float32"
        )
        run = Run(config, folder, policy=policy, prompts=prompts, metrics_bytes=0)
        runs.append(run)
        return run

    yield make
    for run in runs:
        run.close()


def final_weights(run: Run) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in run.policy.model.state_dict().items()}


class Killed(Exception):
    """Stands for the kill."""


@pytest.mark.parametrize("name", ["longcot", "shortest", "dpo"])
def test_killed_and_resumed_gives_the_same_weights_bit_for_bit(
    name: str, make_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_run(tmp_path / "whole")
    build_stage(name, whole).run()  # type: ignore[union-attr]
    expected = final_weights(whole)

    first = make_run(tmp_path / "cut")
    save = first.save_checkpoint

    def save_and_die(*args: object, **options: object) -> None:
        save(*args, **options)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(first, "save_checkpoint", save_and_die)
    with pytest.raises(Killed):
        build_stage(name, first).run()  # type: ignore[union-attr]
    checkpoint, _ = first.checkpoints.latest()
    assert checkpoint is not None and checkpoint.step == 2 and not checkpoint.finished

    second = make_run(tmp_path / "cut", str(checkpoint.path / "policy"))
    # Nothing is sampled again: the policy has changed since.
    monkeypatch.setattr(second.engine, "generate", None)
    stage = build_stage(name, second)
    monkeypatch.undo()
    stage.load_state_dict(checkpoint.state)
    stage.run()  # type: ignore[union-attr]
    resumed = final_weights(second)
    assert all(torch.equal(expected[key], resumed[key]) for key in expected)


def test_longcot_learns_its_traces(make_run: Callable[..., Run], tmp_path: Path) -> None:
    run = make_run(tmp_path / "run")
    stage = build_stage("longcot", run)
    assert isinstance(stage, LongCoTStage)
    rows = pq.read_table(tmp_path / "run" / "longcot" / "traces.parquet").to_pylist()
    assert len(rows) == 8
    dealt = [row.token_ids for _ in range(2) for row in stage._next_rows()]
    assert sorted(dealt) == sorted(tuple(row["token_ids"]) for row in rows)
    for row in rows:
        problem = run.prompts["train"].problem(row["index"])
        assert row["text"].endswith(f"</think>\\boxed{{{problem.answer}}}")
        assert run.policy.decode(row["token_ids"]) == row["text"]
    summary = json.loads((tmp_path / "run" / "longcot" / "summary.json").read_text())
    dropped = sum(sum(part["dropped"].values()) for part in summary["sources"].values())
    chosen = sum(part["chosen"] for part in summary["sources"].values())
    # 12 of tasks and at least the correct samples of two prompts went in.
    assert chosen == 8 and chosen + dropped >= 12


def test_prompted_samples_are_judged_and_learned_without_the_instruction(
    make_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path / "run")
    monkeypatch.setattr(run.config.longcot, "prompted_samples", 3)
    asked: list[GenerationRequest] = []
    generate = run.engine.generate

    def generate_and_note(requests: list[GenerationRequest], *limits: Any, **options: Any) -> Any:
        asked.extend(requests)
        return generate(requests, *limits, **options)

    monkeypatch.setattr(run.engine, "generate", generate_and_note)
    candidates = list(prompted_traces(run))
    assert [candidate.index for candidate in candidates] == [0, 0, 0, 1, 1, 1]
    plain = [run.prompts["train"].prompt(index, run.images) for index in range(2)]
    assert [candidate.prompt for candidate in candidates] == [plain[0]] * 3 + [plain[1]] * 3
    # The engine was given the instruction's tokens, the trace's row is not.
    lengths = [len(run.encoder.encode(prompt).token_ids) for prompt in plain]
    assert min(len(request.prompt.token_ids) for request in asked) > max(lengths)
    kept = Screen(run.config.longcot, run.policy, run.judges).screen(candidates)
    answers = {index: run.prompts["train"].problem(index).answer for index in range(2)}
    for candidate in candidates:
        ended = candidate.text.endswith(f"</think>\\boxed{{{answers[candidate.index]}}}")
        assert candidate.correct == ended
    correct = {candidate.text for candidate in candidates if candidate.correct}
    assert correct and {trace.text for trace in kept} <= correct


def test_shortest_learns_the_shortest_correct_sample(
    make_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run")
    stage = build_stage("shortest", run)
    assert isinstance(stage, ShortestStage)
    attempts: dict[str, list[dict[str, object]]] = {}
    for path in (tmp_path / "run" / "attempts" / "shortest").glob("*.parquet"):
        for row in pq.read_table(path).to_pylist():
            attempts.setdefault(row["prompt"], []).append(row)
    expected = []
    for rows in attempts.values():
        correct = [tuple(row["token_ids"]) for row in rows if row["correct"]]  # type: ignore[arg-type]
        if correct:
            expected.append(min(correct, key=len))
    assert len(expected) >= 2
    assert stage.values["data/num_solved"] == len(expected)
    dealt = {row.token_ids for _ in range(3) for row in stage._next_rows()}
    assert {len(tokens) for tokens in dealt} == {len(tokens) for tokens in expected}
    assert all(tokens[-1] in run.policy.end_ids for tokens in dealt)


def test_shortest_refuses_to_go_on_with_other_samples(
    make_run: Callable[..., Run], tmp_path: Path
) -> None:
    """As after a block of attempts was removed, and sampled again by the trained policy."""
    run = make_run(tmp_path / "run")
    stage = build_stage("shortest", run)
    assert isinstance(stage, ShortestStage) and isinstance(stage.deck, CompletionDeck)
    state = stage.state_dict()["deck"]
    rows = list(stage.deck._completions)
    CompletionDeck(run, "shortest", rows).load_state_dict(state)
    rows[0] = (rows[0][0], rows[0][1][:-1])
    with pytest.raises(ValueError, match=r"shortest: .* other completions .*attempts"):
        CompletionDeck(run, "shortest", rows).load_state_dict(state)


def test_longcot_refuses_traces_of_other_prompts(
    make_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run")
    build_stage("longcot", run)
    build_stage("longcot", run)  # the same prompts: read
    other = compose_config(*COMMON, "data.level=1")
    moved = Run(other, run.folder, policy=run.policy, prompts=build_prompts(other), metrics_bytes=0)
    with pytest.raises(ValueError, match=r"traces\.parquet: prompt \d+ is no longer \w+"):
        build_stage("longcot", moved)
    moved.close()


def test_longcot_without_any_trace_says_what_was_missing(
    make_run: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path / "run")
    bare = [replace(run.prompts["train"].problem(i), reasoning="", answer="no") for i in range(5)]
    monkeypatch.setattr(run, "prompts", {**run.prompts, "train": ListPromptSet(bare)})
    with pytest.raises(ValueError, match=r"5 prompts without a reasoning, policy wrong 8\)"):
        build_stage("longcot", run)


def test_dpo_starts_at_ln_2_and_learns_the_preference(
    make_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run")
    stage = build_stage("dpo", run)
    assert isinstance(stage, DPOStage)
    stage.run()
    lines = [json.loads(line) for line in run.metrics.path.read_text().splitlines()]
    steps = [line for line in lines if "loss/dpo" in line]
    assert len(steps) == stage.num_steps >= 3
    assert steps[0]["loss/dpo"] == pytest.approx(math.log(2), abs=1e-7)
    assert steps[0]["dpo/margin"] == 0.0
    assert steps[0]["dpo/reward_chosen"] == steps[0]["dpo/reward_rejected"] == 0.0
    assert steps[-1]["loss/dpo"] < math.log(2)
    assert steps[-1]["dpo/margin"] > 0
    data = lines[0]
    assert data["data/tokens_chosen"] < data["data/tokens_rejected"]


def test_dpo_refuses_to_go_on_without_its_reference(
    make_run: Callable[..., Run], tmp_path: Path
) -> None:
    run = make_run(tmp_path / "run")
    stage = build_stage("dpo", run)
    assert isinstance(stage, DPOStage)
    stage._references()
    state = stage.state_dict()
    stage.step = 1
    (tmp_path / "run" / "dpo" / "reference.pt").unlink()
    with pytest.raises(ValueError, match=r"reference\.pt is missing"):
        stage._references()
    with pytest.raises(ValueError, match="gives other pairs"):
        stage.load_state_dict({**state, "pairs": "another"})
