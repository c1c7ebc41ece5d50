"""Answer extraction: one distinct box after the last `</think>`, read by a bounded linear scan."""

import random
import re
import time

import pytest

from data_synth.verify.answer import (
    MAX_ANSWER_CHARS,
    MAX_BRACE_DEPTH,
    MAX_COMPLETION_CHARS,
    AnswerStatus,
    extract_answer,
    find_closing_brace,
    format_completion,
)

FOUND = [
    (r"<think>2+2</think>\boxed{4}", "4"),
    (r"<think></think>\boxed{4}", "4"),
    (r"\boxed{4}", "4"),
    ("<think>a</think>\nThe answer is $\\boxed{4}$.\n", "4"),
    # Reasoning does not count, whatever it holds.
    (r"<think>\boxed{1} or \boxed{2}</think>\boxed{3}", "3"),
    (r"<think>\boxed{</think>\boxed{3}", "3"),
    # Only what follows the last closing tag counts.
    (r"<think>a</think>\boxed{1}</think>\boxed{2}", "2"),
    (r"<think>a</think>\boxed{1}<think>b</think>\boxed{2}", "2"),
    # The prompt may have opened the reasoning.
    (r"reasoning</think>\boxed{2}", "2"),
    # Neither tag: the whole completion is the answer section.
    (r"So the answer is \boxed{7}", "7"),
    # Nearly tags.
    (r"<Think>\boxed{7}", "7"),
    (r"< think>\boxed{7}", "7"),
    # The same box again is the same answer.
    (r"\boxed{3} that is \boxed{3}", "3"),
    (r"\boxed{3}\boxed{ 3 }\boxed{3}", "3"),
    # Braces.
    (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
    (r"\boxed{\{1,2\}}", r"\{1,2\}"),
    (r"\boxed{\{}", r"\{"),
    (r"\boxed{\}}", r"\}"),
    (r"\boxed{a\\}", r"a\\"),
    (r"\boxed{{{x}}}", "{{x}}"),
    (r"\boxed{3}}", "3"),
    (r"{{{\boxed{3}", "3"),
    # Whitespace, inner line breaks kept.
    ("\\boxed{ \n(b,3)\t}", "(b,3)"),
    ("\\boxed{a\nb}", "a\nb"),
    # A box that holds only a box.
    (r"\boxed{\boxed{3}}", "3"),
    (r"\boxed{ \boxed{ \boxed{3} } }", "3"),
    (r"\boxed{\boxed{3}} and \boxed{\boxed{3}}", "3"),
    # Text of any script.
    ("\\boxed{\u4e09}", "\u4e09"),
    (r"\\boxed{3}", "3"),
]

NO_ANSWER = [
    ("", AnswerStatus.MISSING),
    ("42", AnswerStatus.MISSING),
    ("<think>2+2</think>4", AnswerStatus.MISSING),
    (r"<think>\boxed{4}</think>", AnswerStatus.MISSING),
    (r"<think>a</think>\boxed", AnswerStatus.MISSING),
    (r"\boxed 4", AnswerStatus.MISSING),
    (r"\boxed {4}", AnswerStatus.MISSING),
    (r"boxed{4}", AnswerStatus.MISSING),
    (r"\Boxed{4}", AnswerStatus.MISSING),
    (r"<think>\boxed{4}", AnswerStatus.UNFINISHED_REASONING),
    (r"\boxed{4}<think>", AnswerStatus.UNFINISHED_REASONING),
    (r"<think>a</think>\boxed{4}<think>wait", AnswerStatus.UNFINISHED_REASONING),
    (r"<think>a</think><think>\boxed{4}", AnswerStatus.UNFINISHED_REASONING),
    (r"<think>a</think>\boxed{<think>}", AnswerStatus.UNFINISHED_REASONING),
    (r"\boxed{", AnswerStatus.UNCLOSED),
    (r"\boxed{12", AnswerStatus.UNCLOSED),
    (r"\boxed{12\}", AnswerStatus.UNCLOSED),
    (r"\boxed{\frac{1}{2}", AnswerStatus.UNCLOSED),
    (r"\boxed{3} \boxed{3", AnswerStatus.UNCLOSED),
    ("\\boxed{3\\", AnswerStatus.UNCLOSED),
    (r"\boxed{3</think>}", AnswerStatus.MISSING),
    (r"\boxed{}", AnswerStatus.EMPTY),
    ("\\boxed{ \n }", AnswerStatus.EMPTY),
    (r"\boxed{}\boxed{}", AnswerStatus.EMPTY),
    (r"\boxed{\boxed{}}", AnswerStatus.EMPTY),
    (r"\boxed{5} or \boxed{6}", AnswerStatus.SEVERAL),
    (r"\boxed{1}\boxed{2}\boxed{3}\boxed{4}\boxed{5}\boxed{6}", AnswerStatus.SEVERAL),
    (r"\boxed{5}\boxed{6}\boxed{5}", AnswerStatus.SEVERAL),
    (r"\boxed{5}\boxed{5.0}", AnswerStatus.SEVERAL),
    (r"\boxed{}\boxed{6}", AnswerStatus.SEVERAL),
    (r"\boxed{6}\boxed{}", AnswerStatus.SEVERAL),
    (r"\boxed{3}\boxed{\boxed{3}}", AnswerStatus.SEVERAL),
    (r"\boxed{5 or \boxed{6}}", AnswerStatus.SEVERAL),
    (r"\boxed{\boxed{5} or 6}", AnswerStatus.SEVERAL),
    (r"\boxed{\boxed{5}\boxed{6}}", AnswerStatus.SEVERAL),
    (r"\boxed{\boxed{5}\boxed{5}}", AnswerStatus.SEVERAL),
    (r"\boxed{\boxed{5 \boxed{6}}}", AnswerStatus.SEVERAL),
]


@pytest.mark.parametrize(("completion", "answer"), FOUND)
def test_reads_the_one_answer(completion: str, answer: str) -> None:
    extracted = extract_answer(completion)
    assert (extracted.text, extracted.status) == (answer, "found")


@pytest.mark.parametrize(("completion", "status"), NO_ANSWER)
def test_reads_no_answer_and_says_why(completion: str, status: AnswerStatus) -> None:
    extracted = extract_answer(completion)
    assert (extracted.text, extracted.status) == (None, status)


def test_status_values_are_stable() -> None:
    assert sorted(AnswerStatus) == [
        "empty",
        "found",
        "missing",
        "several",
        "too_long",
        "unclosed",
        "unfinished_reasoning",
    ]


def test_completion_length_limit_is_exact() -> None:
    box = r"\boxed{4}"
    at_limit = "x" * (1_000_000 - len(box)) + box
    assert extract_answer(at_limit).text == "4"
    assert extract_answer("x" + at_limit).status == "too_long"
    assert MAX_COMPLETION_CHARS == 1_000_000


def test_answer_length_limit_is_exact() -> None:
    assert extract_answer("\\boxed{" + "x" * 2_000 + "}").text == "x" * 2_000
    assert extract_answer("\\boxed{" + "x" * 2_001 + "}").status == "too_long"
    assert extract_answer("\\boxed{" + "x" * 2_001).status == "unclosed"
    assert extract_answer("\\boxed{" + "x" * 2_002).status == "too_long"
    assert MAX_ANSWER_CHARS == 2_000


def test_brace_depth_limit_counts_the_box_and_is_exact() -> None:
    def nested(depth: int) -> str:
        return "\\boxed" + "{" * depth + "x" + "}" * depth

    assert extract_answer(nested(64)).text == "{" * 63 + "x" + "}" * 63
    assert extract_answer(nested(65)).status == "too_long"
    assert MAX_BRACE_DEPTH == 64


def test_boxes_in_boxes_unwrap_up_to_the_depth_limit() -> None:
    assert extract_answer("\\boxed{" * 64 + "3" + "}" * 64).text == "3"
    assert extract_answer("\\boxed{" * 65 + "3" + "}" * 65).status == "too_long"


def test_closing_brace_is_the_partner_of_the_opening_one() -> None:
    text = r"\text{a{b}\}c}d}"
    assert find_closing_brace(text, len(r"\text{")) == (len(r"\text{a{b}\}c"), "found")
    assert find_closing_brace("{a", 1) == (-1, "unclosed")
    assert find_closing_brace("{" * 100, 1) == (-1, "too_long")


@pytest.mark.parametrize("answer", ["4", "(b,3)", r"\{1,2\}", r"\frac{1}{2}", "a b", "{x}"])
@pytest.mark.parametrize("reasoning", ["", "2+2=4.", r"maybe \boxed{9}", "line\nline {"])
def test_formatted_completion_is_read_back(reasoning: str, answer: str) -> None:
    completion = format_completion(reasoning, answer)
    assert completion == "<think>" + reasoning + "</think>\\boxed{" + answer + "}"
    assert extract_answer(completion).text == answer


@pytest.mark.parametrize(
    "answer",
    ["", " ", "{", "}", "a\\", r"\boxed{3}", "3}{4", "<think>", "x</think>y", "x" * 2_001],
)
def test_an_answer_that_cannot_be_read_back_is_not_formatted(answer: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read back from its box .* balanced braces"):
        format_completion("because", answer)


def test_error_names_the_answer_and_what_was_read_instead() -> None:
    with pytest.raises(ValueError, match=r"answer '3}{4' .*status found, text '3'"):
        format_completion("because", "3}{4")


def test_padded_answer_is_read_back_without_its_padding() -> None:
    assert extract_answer(format_completion("", " 4\n")).text == "4"


@pytest.mark.parametrize("reasoning", ["a<think>b", "a</think>b", "</think>"])
def test_reasoning_must_not_hold_a_tag(reasoning: str) -> None:
    with pytest.raises(ValueError, match="holds <think> or </think>: remove the tag"):
        format_completion(reasoning, "4")


def _delete_matched_braces(text: str) -> str:
    """Same length; escapes and matched braces become dots, so any brace left is unmatched."""
    text = re.sub(r"\\.", "..", text, flags=re.DOTALL)
    while (shorter := re.sub(r"\{([^{}]*)\}", r".\1.", text)) != text:
        text = shorter
    return text


def _extract_by_rewriting(completion: str) -> str | None:
    """The rules of `extract_answer` by another way, without its limits."""
    section = completion.split("</think>")[-1]
    if "<think>" in section:
        return None
    boxes = set()
    while "\\boxed{" in section:
        section = section.split("\\boxed{", 1)[1]
        end = _delete_matched_braces(section).find("}")
        if end == -1:
            return None
        boxes.add(section[:end].strip())
        section = section[end:]
    if len(boxes) != 1:
        return None
    content = boxes.pop()
    while match := re.fullmatch(r"\\boxed\{(.*)\}", content, flags=re.DOTALL):
        if re.search("[{}]", _delete_matched_braces(match[1] + " ")):
            return None
        content = match[1].strip()
    return content if content and "\\boxed{" not in content else None


def test_agrees_with_an_independent_extraction_on_random_token_soup() -> None:
    rng = random.Random(20250112)
    tokens = ["<think>", "</think>", "\\boxed{", "\\boxed{3}", "3", " ", "{", "}", "}", "\\", "\\{"]
    num_found = 0
    for _ in range(20_000):
        completion = "".join(rng.choices(tokens, k=rng.randint(1, 9)))
        expected = _extract_by_rewriting(completion)
        num_found += expected is not None
        extracted = extract_answer(completion)
        assert extracted.text == expected, completion
        assert (extracted.text is not None) == (extracted.status is AnswerStatus.FOUND)
    assert num_found > 1_000


def _seconds(completion: str) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        extract_answer(completion)
        times.append(time.perf_counter() - start)
    return min(times)


@pytest.mark.parametrize(
    "unit",
    [
        "<think>",
        "</think>",
        "{",
        "}",
        "\\",
        "\\boxed{",
        "\\boxed{3}",
        "\\boxed{\\boxed{3}}",
        "</think>\\boxed{",
    ],
)
def test_time_grows_linearly_on_hostile_completions(unit: str) -> None:
    # 45 kB of such text holds a backtracking format pattern up for more than 30 s.
    small, large = _seconds(unit * (50_000 // len(unit))), _seconds(unit * (200_000 // len(unit)))
    # Linear work gives 4, quadratic 16; the floor keeps clock noise out of tiny timings.
    assert large < 10 * max(small, 1e-3)
