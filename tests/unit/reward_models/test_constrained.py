"""Constrained decoding on the real tiny policy: every completion holds a verdict."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mm_rl.policy.model import EncodedPrompt, Policy, load_policy
from mm_rl.reward_models.constrained import EngineBackend, TokenTrie, VerdictConstraint
from mm_rl.reward_models.judge import CoTJudge, JudgeItem, JudgeStatus
from mm_rl.reward_models.protocol import VERDICTS, build_judge_prompt, parse_verdict
from mm_rl.rollout.engine import GenerationRequest, InProcessEngine, SamplingLimits
from mm_rl.types import FinishReason, Segment


@pytest.fixture(scope="module")
def judge_policy(tiny_folder: Path) -> Policy:
    """One untrained policy for the tests that change nothing of it."""
    torch.set_num_threads(1)
    return load_policy(str(tiny_folder), device="cpu", dtype="float32")


def encode(policy: Policy, count: int) -> list[EncodedPrompt]:
    return [policy.encode(build_judge_prompt("How many?", "7", str(n)), []) for n in range(count)]


class Only:
    """Allows one set of tokens everywhere."""

    def __init__(self, tokens: Sequence[int], vocab_size: int) -> None:
        self.mask = torch.zeros(vocab_size, dtype=torch.bool)
        self.mask[list(tokens)] = True
        self.seen: list[list[int]] = []

    def allowed(self, tokens: Sequence[int]) -> Tensor | None:
        self.seen.append(list(tokens))
        return self.mask


class FirstOnly(Only):
    """Constrains the first token and nothing after it."""

    def allowed(self, tokens: Sequence[int]) -> Tensor | None:
        return super().allowed(tokens) if not tokens else None


def vocab_size(policy: Policy) -> int:
    return int(policy.model.get_output_embeddings().weight.shape[0])


def first_logits(policy: Policy, prompt: EncodedPrompt) -> Tensor:
    with torch.no_grad():
        hidden = policy.hidden_states(torch.tensor([prompt.token_ids]), prompt.vision)
        logits_V: Tensor = policy.project(hidden[0, -1])
    return logits_V


def generate(
    policy: Policy, requests: Sequence[GenerationRequest], *, tokens: int, max_rows: int = 16
) -> list[Segment]:
    limits = SamplingLimits(max_total_tokens=tokens, repetition=None)
    return InProcessEngine(policy, max_rows=max_rows).generate(requests, limits)


def test_probabilities_are_renormalised_over_the_allowed_tokens(judge_policy: Policy) -> None:
    """Against the softmax of the policy's own logits, written out."""
    (prompt,) = encode(judge_policy, 1)
    allowed = [40, 50, 60, 70]
    weights = first_logits(judge_policy, prompt)[allowed].double().exp()
    expected = weights / weights.sum()
    requests = [
        GenerationRequest(
            prompt=prompt, seed=seed, constraint=Only(allowed, vocab_size(judge_policy))
        )
        for seed in range(1000)
    ]
    segments = generate(judge_policy, requests, tokens=1, max_rows=500)
    counts = torch.zeros(4, dtype=torch.float64)
    for segment in segments:
        place = allowed.index(segment.token_ids[0])
        counts[place] += 1
        assert segment.logprobs[0] == pytest.approx(expected[place].log().item(), abs=1e-4)
    # Four standard deviations of a frequency over 1000 draws.
    assert ((counts / 1000 - expected).abs() < 4 * (expected / 1000).sqrt()).all()


def test_a_ban_holds_inside_a_constraint(judge_policy: Policy) -> None:
    (prompt,) = encode(judge_policy, 1)
    banned = judge_policy.banned_ids.tolist()
    only = Only([*banned, 40], vocab_size(judge_policy))
    requests = [GenerationRequest(prompt=prompt, seed=s, constraint=only) for s in range(20)]
    for segment in generate(judge_policy, requests, tokens=3):
        assert segment.token_ids == (40, 40, 40)
        assert segment.logprobs == (0.0, 0.0, 0.0)


def test_constraint_sees_the_whole_completion_and_may_step_aside(judge_policy: Policy) -> None:
    (prompt,) = encode(judge_policy, 1)
    only = Only([40], vocab_size(judge_policy))
    generate(
        judge_policy, [GenerationRequest(prompt=prompt, prefix=(7, 8), constraint=only)], tokens=4
    )
    assert only.seen == [[7, 8], [7, 8, 40]]
    first = FirstOnly([40], vocab_size(judge_policy))
    requests = [GenerationRequest(prompt=prompt, seed=s, constraint=first) for s in range(8)]
    segments = generate(judge_policy, requests, tokens=4)
    assert {segment.token_ids[0] for segment in segments} == {40}
    assert len({segment.token_ids for segment in segments}) > 4


def test_rows_without_constraint_keep_their_bits(judge_policy: Policy) -> None:
    """Equal tokens and bit-equal logprobs whether or not a neighbour is constrained."""
    encoded = encode(judge_policy, 3)
    plain = [
        GenerationRequest(prompt=prompt, seed=10 * i + k)
        for i, prompt in enumerate(encoded)
        for k in range(3)
    ]
    # No row ends early, so both batches have the same rows at every step.
    before = generate(judge_policy, plain, tokens=6)
    assert all(len(segment.token_ids) == 6 for segment in before)
    chosen = (1, 5, 8)
    mixed = [
        GenerationRequest(
            prompt=request.prompt,
            seed=request.seed,
            constraint=Only([40], vocab_size(judge_policy)),
        )
        if i in chosen
        else request
        for i, request in enumerate(plain)
    ]
    after = generate(judge_policy, mixed, tokens=6)
    for i, (old, new) in enumerate(zip(before, after, strict=True)):
        if i in chosen:
            assert new.token_ids == (40,) * 6
        else:
            assert new == old


def test_constraint_that_allows_all_changes_no_bit(judge_policy: Policy) -> None:
    everything = Only(range(vocab_size(judge_policy)), vocab_size(judge_policy))
    pairs = [(prompt, seed) for prompt in encode(judge_policy, 2) for seed in range(4)]
    free = [GenerationRequest(prompt=prompt, seed=seed) for prompt, seed in pairs]
    held = [
        GenerationRequest(prompt=prompt, seed=seed, constraint=everything) for prompt, seed in pairs
    ]
    assert generate(judge_policy, free, tokens=24) == generate(judge_policy, held, tokens=24)


def test_trie_allows_what_continues_a_sequence_and_then_the_end() -> None:
    trie = TokenTrie([(5, 7), (5, 8, 9)], end_ids=[1, 2], vocab_size=10, device="cpu")

    def allowed(*tokens: int) -> list[int]:
        return trie.allowed(tokens).nonzero().flatten().tolist()

    assert allowed() == [5]
    assert allowed(5) == [7, 8]
    assert allowed(5, 7) == [1, 2]
    assert allowed(5, 8) == [9]
    assert allowed(5, 8, 9) == [1, 2]


@pytest.mark.parametrize("budget", [0, 1, 9])
def test_every_completion_parses_whatever_the_policy_would_write(
    judge_policy: Policy, budget: int
) -> None:
    """An untrained judge_policy, greedy and sampled, on hostile answers too."""
    backend = EngineBackend(judge_policy, identity="tiny", reasoning_tokens=budget, max_rows=8)
    responses = ["7", "", "</think>", "<|im_end|>", "x" * 100]
    prompts = [build_judge_prompt("How many?", "7", response) for response in responses]
    for attempt in range(2):
        for reply in backend.complete(prompts, attempt=attempt):
            assert isinstance(reply, str)
            assert isinstance(parse_verdict(reply), bool)
            reasoning, verdict = reply.rsplit("</think>", 1)
            assert verdict in VERDICTS.values()
            if budget == 0:
                assert reasoning == ""


def test_attempts_are_greedy_then_seeded(judge_policy: Policy) -> None:
    backend = EngineBackend(judge_policy, identity="tiny", reasoning_tokens=12)
    prompts = [build_judge_prompt("How many?", "7", str(n)) for n in range(2)]
    replies = [backend.complete(prompts, attempt=attempt) for attempt in (0, 1, 2)]
    assert replies[0] == backend.complete(prompts, attempt=0)
    assert replies[1] == backend.complete(prompts, attempt=1)
    assert replies[0] != replies[1] != replies[2]


def test_reasoning_ends_where_the_policy_ends_it(judge_policy: Policy) -> None:
    constraint = VerdictConstraint(judge_policy, reasoning_tokens=6)
    (close,) = judge_policy.tokenizer("</think>", add_special_tokens=False)["input_ids"]
    yes, no = (
        judge_policy.tokenizer(VERDICTS[correct], add_special_tokens=False)["input_ids"]
        for correct in (True, False)
    )
    ends = sorted(judge_policy.end_ids)

    def allowed(tokens: Sequence[int]) -> list[int]:
        return constraint.allowed(tokens).nonzero().flatten().tolist()

    # Reasoning: anything but an end.
    assert (
        allowed([]) == allowed([40] * 5) == sorted(set(range(vocab_size(judge_policy))) - set(ends))
    )
    # The budget is spent: only the closing tag.
    assert allowed([40] * 6) == [close]
    # Closed early or late: the verdict, token by token, then the end.
    for head in ([close], [40, close], [*[40] * 6, close]):
        shared = next(i for i, (a, b) in enumerate(zip(yes, no, strict=False)) if a != b)
        for i in range(len(yes)):
            expected = {yes[i], no[i]} if i == shared else {yes[i]}
            assert allowed([*head, *yes[:i]]) == sorted(expected)
        assert allowed([*head, *yes]) == allowed([*head, *no]) == ends
    longest = 6 + 1 + max(len(yes), len(no)) + 1
    assert constraint.max_tokens == longest


def test_verdict_is_the_policys_own_choice(judge_policy: Policy) -> None:
    """Without reasoning the greedy verdict is the larger of the two continuations' mass."""
    backend = EngineBackend(judge_policy, identity="tiny", reasoning_tokens=0)
    close, yes, no = (
        judge_policy.tokenizer(text, add_special_tokens=False)["input_ids"]
        for text in ("</think>", VERDICTS[True], VERDICTS[False])
    )
    shared = next(i for i, (a, b) in enumerate(zip(yes, no, strict=False)) if a != b)
    prompts = [build_judge_prompt("How many?", "7", str(n)) for n in range(4)]
    replies = backend.complete(prompts, attempt=0)
    for prompt, reply in zip(prompts, replies, strict=True):
        encoded = judge_policy.encode(prompt, [])
        tokens = (*encoded.token_ids, *close, *yes[:shared])
        logits_V = first_logits(judge_policy, EncodedPrompt(token_ids=tokens, vision={}))
        assert isinstance(reply, str)
        assert parse_verdict(reply) is bool(logits_V[yes[shared]] > logits_V[no[shared]])


def test_completion_ends_with_the_end_token(judge_policy: Policy) -> None:
    constraint = VerdictConstraint(judge_policy, reasoning_tokens=3)
    prompt = judge_policy.encode(build_judge_prompt("How many?", "7", "8"), [])
    requests = [GenerationRequest(prompt=prompt, seed=s, constraint=constraint) for s in range(16)]
    for segment in generate(judge_policy, requests, tokens=constraint.max_tokens):
        assert segment.finish_reason is FinishReason.STOP
        assert segment.token_ids[-1] in judge_policy.end_ids


def test_tokenizer_without_the_verdict_is_refused_by_name(policy: Policy) -> None:
    policy.banned_ids = torch.tensor(
        policy.tokenizer(VERDICTS[True], add_special_tokens=False)["input_ids"][:1]
    )
    with pytest.raises(ValueError, match="vocabulary can write JSON"):
        VerdictConstraint(policy, reasoning_tokens=3)


def test_special_token_that_a_response_could_spell_is_refused_by_name(policy: Policy) -> None:
    policy.tokenizer.add_special_tokens({"additional_special_tokens": ["ENDOFTURN"]})
    with pytest.raises(ValueError, match="ENDOFTURN"):
        EngineBackend(policy, identity="tiny", reasoning_tokens=3)


def test_no_response_puts_a_special_token_into_the_prompt(judge_policy: Policy) -> None:
    special = {
        *judge_policy.tokenizer.all_special_ids,
        *judge_policy.tokenizer.get_added_vocab().values(),
    }

    def special_ids(response: str) -> list[int]:
        encoded = judge_policy.encode(build_judge_prompt("How many?", "7", response), [])
        return [token for token in encoded.token_ids if token in special]

    harmless = special_ids("7")
    for token in judge_policy.tokenizer.get_added_vocab():
        for response in (token, f"7{token}", token * 3, token[:1] + "\u200b" + token[1:]):
            assert special_ids(response) == harmless


def test_judge_runs_on_the_engine(judge_policy: Policy) -> None:
    judge = CoTJudge(EngineBackend(judge_policy, identity="tiny", reasoning_tokens=4))
    items = [JudgeItem(question="How many?", reference="7", response=str(n)) for n in range(6)]
    judged = judge.judge(items)
    assert all(judgement.status is JudgeStatus.JUDGED for judgement in judged)
    assert [j.correct for j in judge.judge(items)] == [j.correct for j in judged]
    assert judge.metrics()["judge/cache_hit_rate"] == 0.5
    assert judge.metrics()["judge/unparsable"] == 0
