"""Adapters of the sets that may be trained on, each on a local file in its published schema."""

from pathlib import Path

import datasets
import pytest
from datasets import ClassLabel, Value

from data_synth.problem import Problem
from data_synth.sources import SOURCES
from data_synth.sources.hub import HUB_SOURCES
from data_synth.verify import check_reference, verify
from tests.unit.data_synth.sources.hub_sets import TEXT, TEXTS, cell, jpeg, read, real, write

IMAGE = datasets.Image()
BLUE, RED = jpeg(0), jpeg(90)


def _check_references(problems: list[Problem]) -> None:
    for problem in problems:
        check_reference(problem.verifier, problem.answer, alternatives=problem.alternatives)


def test_scienceqa_opens_numbers_and_names_and_skips_other_choices(tmp_path: Path) -> None:
    texts = ("hint", "task", "grade", "subject", "topic", "category", "skill", "lecture")
    features = {"image": IMAGE, "question": TEXT, "choices": TEXTS, "answer": Value("int8")}
    features |= dict.fromkeys((*texts, "solution"), TEXT)
    blank = dict.fromkeys((*texts, "solution"), "")

    def row(question: str, choices: list[str], answer: int, **other: object) -> dict[str, object]:
        return {
            **blank,
            "image": cell(BLUE),
            "question": question,
            "choices": choices,
            "answer": answer,
            **other,
        }

    odds = "What is the probability that a goat has horns?"
    capital = "What is the capital of Wyoming?"
    path = write(
        tmp_path / "train.parquet",
        [
            row(odds, ["0/4", "2/4"], 1, topic="biology", hint="In a group of goats ..."),
            row(capital, ["Cheyenne", "Denver"], 0, topic="geography"),
            row("Which of these states is farthest north?", ["Maine", "Utah"], 0),
            row("What can Ann and Bo trade?", ["a sandwich", "water"], 0),
            row(capital, ["Cheyenne", "Denver"], 0, image=None),
            row("What is the name of the colony shown?", ["the colony of the far north"], 0),
        ],
        features,
    )

    problems, skipped = read("scienceqa", "train", path)

    assert problems == [
        real(
            "scienceqa",
            question=f"In a group of goats ...\n{odds}\nAnswer with a number.",
            images=(BLUE,),
            answer="2/4",
            answer_type="number",
            verifier="numeric",
            domain="science",
            discipline="biology",
        ),
        real(
            "scienceqa",
            question=f"{capital}\nAnswer with a word or a short phrase.",
            images=(BLUE,),
            answer="Cheyenne",
            answer_type="string",
            verifier="exact",
            domain="science",
            discipline="geography",
            index=1,
        ),
    ]
    assert skipped == {"choice": 3, "no_image": 1}
    _check_references(problems)


CHARTQA = {
    "image": IMAGE,
    "query": TEXT,
    "label": TEXTS,
    "human_or_machine": ClassLabel(names=["human", "machine"]),
}


def _chartqa_row(query: str, *label: str) -> dict[str, object]:
    return {"image": cell(RED), "query": query, "label": list(label), "human_or_machine": 0}


def test_chartqa_drops_yes_no_and_compares_years_exactly_in_training(tmp_path: Path) -> None:
    ask = (
        "Answer with a single number without separators of thousands, or with the text in the "
        "chart."
    )
    rows = [
        _chartqa_row("How many more?", "14.5"),
        _chartqa_row("Is it rising?", "Yes"),
        _chartqa_row("Which country leads?", "Chile", "Republic of Chile"),
        _chartqa_row("In what year was the peak?", "1999"),
        _chartqa_row("How many people?", "1999"),
        _chartqa_row("What?"),
        _chartqa_row("How many votes?", "12,345"),
    ]
    train = write(tmp_path / "train.parquet", rows, CHARTQA)
    test = write(tmp_path / "test.parquet", rows, CHARTQA)

    problems, skipped = read("chartqa", "train", train)
    evaluated, _ = read("chartqa", "test", test)

    common = {"images": (RED,), "domain": "charts", "discipline": "chart_reading"}
    number = {"answer_type": "number", **common}
    assert problems == [
        real(
            "chartqa",
            question=f"How many more?\n{ask}",
            answer="14.5",
            verifier="relaxed",
            **number,
        ),
        real(
            "chartqa",
            question=f"Which country leads?\n{ask}",
            answer="Chile",
            alternatives=("Republic of Chile",),
            answer_type="string",
            verifier="relaxed",
            index=2,
            **common,
        ),
        real(
            "chartqa",
            question=f"In what year was the peak?\n{ask}",
            answer="1999",
            verifier="numeric",
            index=3,
            **number,
        ),
        real(
            "chartqa",
            question=f"How many people?\n{ask}",
            answer="1999",
            verifier="relaxed",
            index=4,
            **number,
        ),
        real(
            "chartqa",
            question=f"How many votes?\n{ask}",
            answer="12345",
            alternatives=("12,345",),
            verifier="relaxed",
            index=6,
            **number,
        ),
    ]
    assert skipped == {"yes_no": 1, "no_answer": 1}
    assert {problem.verifier for problem in evaluated} == {"relaxed"}
    assert {problem.split for problem in evaluated} == {"test"}
    _check_references([*problems, *evaluated])


def test_geometry3k_keeps_numeric_answers(tmp_path: Path) -> None:
    features = {"images": datasets.List(IMAGE), "problem": TEXT, "answer": TEXT}
    features |= {"id": Value("int64"), "choices": TEXTS, "ground_truth": TEXT}

    def row(problem: str, answer: str) -> dict[str, object]:
        return {
            "images": [cell(BLUE)],
            "problem": problem,
            "answer": answer,
            "id": 7,
            "choices": ["1", "2", "3", "4"],
            "ground_truth": "A",
        }

    path = write(
        tmp_path / "validation.parquet",
        [
            row("<image>Find x.", "8.5"),
            row("<image>Find  y to the nearest degree.", "\\frac{7}{2}"),
            row("<image>Find z.", "5 \\sqrt { 2 }"),
        ],
        features,
    )

    problems, skipped = read("geometry3k", "validation", path)

    ask = "Answer with a number, without a unit."
    common = {
        "images": (BLUE,),
        "answer_type": "number",
        "verifier": "numeric",
        "domain": "geometry",
        "discipline": "plane_geometry",
        "split": "validation",
    }
    assert problems == [
        real("geometry3k", question=f"Find x.\n{ask}", answer="8.5", **common),
        real(
            "geometry3k",
            question=f"Find y to the nearest degree.\n{ask}",
            answer="\\frac{7}{2}",
            index=1,
            **common,
        ),
    ]
    assert skipped == {"symbolic_answer": 1}
    _check_references(problems)


def test_geoqa_plus_reads_the_answer_tag_and_drops_the_unit(tmp_path: Path) -> None:
    features = {"image": IMAGE, "problem": TEXT, "solution": TEXT}
    solutions = ["<answer> 145\u00b0 </answer>", "<answer>2.5cm</answer>"]
    solutions += ["<answer> 2\u221a3 </answer>", "<answer> 40 </answer>", "<answer></answer>"]
    rows = [
        {"image": cell(RED), "problem": f"Angle {at}?", "solution": solution}
        for at, solution in enumerate(solutions)
    ]

    problems, skipped = read("geoqa-plus", "train", write(tmp_path / "a.parquet", rows, features))

    assert [(problem.question, problem.answer, problem.index) for problem in problems] == [
        ("Angle 0?\nAnswer with a number, without a unit.", "145", 0),
        ("Angle 1?\nAnswer with a number, without a unit.", "2.5", 1),
        ("Angle 3?\nAnswer with a number, without a unit.", "40", 3),
    ]
    assert {problem.licence for problem in problems} == {"NOASSERTION"}
    assert skipped == {"symbolic_answer": 1, "no_answer": 1}
    _check_references(problems)


@pytest.mark.parametrize("layout", ["record of lists", "list of records"])
def test_clevr_asks_every_question_of_a_scene_but_yes_no(tmp_path: Path, layout: str) -> None:
    questions = [("How many cubes?", "4"), ("Is it big?", "no"), ("What color is it?", "cyan")]
    if layout == "record of lists":
        kind: object = {"question": TEXTS, "answer": TEXTS}
        value: object = {
            "question": [question for question, _ in questions],
            "answer": [answer for _, answer in questions],
        }
    else:
        kind = datasets.List({"question": TEXT, "answer": TEXT})
        value = [{"question": question, "answer": answer} for question, answer in questions]
    features = {"image": IMAGE, "question_answer": kind, "label_count": Value("int64")}
    rows = [
        {"image": None, "question_answer": value, "label_count": 3},
        {"image": cell(BLUE), "question_answer": value, "label_count": 3},
    ]

    problems, skipped = read("clevr", "train", write(tmp_path / "t.parquet", rows, features))

    assert problems == [
        real(
            "clevr",
            question="How many cubes?\nAnswer with a number.",
            images=(BLUE,),
            answer="4",
            answer_type="number",
            verifier="numeric",
            domain="spatial",
            discipline="counting",
            index=1,
        ),
        real(
            "clevr",
            question="What color is it?\nAnswer with one word.",
            images=(BLUE,),
            answer="cyan",
            answer_type="string",
            verifier="exact",
            domain="spatial",
            discipline="attributes",
            index=1,
        ),
    ]
    assert skipped == {"no_image": 1, "yes_no": 1}
    _check_references(problems)


@pytest.mark.parametrize("as_text", [False, True])
def test_aokvqa_keeps_all_votes_with_the_most_frequent_first(tmp_path: Path, as_text: bool) -> None:
    votes = ["cab", "ride", "bus", "taxi", "bus", "Bus", "cab", "car", "van", "walk"]
    lonely = [f"thing {at}" for at in range(10)]

    def row(answers: list[str] | None, difficult: bool = False) -> dict[str, object]:
        return {
            "image": cell(RED),
            "question_id": "22MexNk",
            "question": "What is the man waiting for?",
            "choices": ["bus", "cab"],
            "correct_choice_idx": 0,
            "direct_answers": str(answers) if as_text and answers else answers,
            "difficult_direct_answer": difficult,
            "rationales": ["He has bags."],
        }

    features = {
        "image": IMAGE,
        "question_id": TEXT,
        "question": TEXT,
        "choices": TEXTS,
        "correct_choice_idx": Value("int8"),
        "direct_answers": TEXT if as_text else TEXTS,
        "difficult_direct_answer": Value("bool"),
        "rationales": TEXTS,
    }
    rows = [row(votes), row(votes, difficult=True), row(["yes"] * 10), row(lonely), row(None)]

    problems, skipped = read("a-okvqa", "train", write(tmp_path / "t.parquet", rows, features))

    assert problems == [
        real(
            "a-okvqa",
            question="What is the man waiting for?\nAnswer with a word or a short phrase.",
            images=(RED,),
            answer="bus",
            alternatives=("cab", "ride", "taxi", "bus", "Bus", "cab", "car", "van", "walk"),
            answer_type="string",
            verifier="soft_vote",
            domain="photos",
            discipline="world_knowledge",
        )
    ]
    assert skipped == {
        "difficult_direct_answer": 1,
        "yes_no": 1,
        "no_agreement": 1,
        "no_answer": 1,
    }
    # Three of ten said bus, two of ten cab: (3 * 2/3 + 7 * 1) / 10 and (2 * 1/3 + 8 * 2/3) / 10.
    (problem,) = problems
    scores = [
        verify("soft_vote", problem.answer, answer, alternatives=problem.alternatives).score
        for answer in ("the bus", "cab", "walk")
    ]
    assert scores == pytest.approx([0.9, 0.6, 0.3])
    _check_references(problems)


def test_textvqa_skips_hidden_and_unanswerable_answers(tmp_path: Path) -> None:
    features = {
        "image_id": TEXT,
        "question_id": Value("int32"),
        "question": TEXT,
        "question_tokens": TEXTS,
        "image": IMAGE,
        "answers": TEXTS,
        "set_name": TEXT,
        "ocr_tokens": TEXTS,
    }

    def row(answers: list[str]) -> dict[str, object]:
        return {
            "image_id": "a",
            "question_id": 1,
            "question": "what brand is it?",
            "question_tokens": ["what"],
            "image": cell(BLUE),
            "answers": answers,
            "set_name": "train",
            "ocr_tokens": [],
        }

    votes = ["nokia"] * 6 + ["Nokia"] * 3 + ["samsung"]
    rows = [row(votes), row([""] * 10), row(["unanswerable"] * 9 + ["nokia"]), row(["..."] * 10)]

    problems, skipped = read("textvqa", "train", write(tmp_path / "t.parquet", rows, features))

    assert [(problem.answer, len(problem.alternatives)) for problem in problems] == [("nokia", 9)]
    assert problems[0].domain == "text_in_images"
    assert skipped == {"no_answer": 1, "unanswerable": 1, "unverifiable": 1}
    _check_references(problems)


def test_docvqa_keeps_every_accepted_answer_once(tmp_path: Path) -> None:
    features = {
        "questionId": TEXT,
        "question": TEXT,
        "question_types": TEXTS,
        "image": IMAGE,
        "docId": Value("int64"),
        "ucsf_document_id": TEXT,
        "ucsf_document_page_no": TEXT,
        "answers": TEXTS,
        "data_split": TEXT,
    }

    def row(kinds: list[str], answers: list[str] | None) -> dict[str, object]:
        return {
            "questionId": "337",
            "question": "what is the date?",
            "question_types": kinds,
            "image": cell(RED),
            "docId": 279,
            "ucsf_document_id": "xnbl0037",
            "ucsf_document_page_no": "1",
            "answers": answers,
            "data_split": "val",
        }

    rows = [row(["form"], ["1/8/93", "1/8/93", "Jan 8, 1993"]), row([], ["1975"])]
    rows += [row(["form"], None), row(["form"], ["No"])]

    path = write(tmp_path / "validation.parquet", rows, features)
    problems, skipped = read("docvqa", "validation", path)

    ask = "Answer with the text as it stands in the document."
    common = {
        "question": f"what is the date?\n{ask}",
        "images": (RED,),
        "answer_type": "string",
        "verifier": "anls",
        "domain": "documents",
        "split": "validation",
    }
    assert problems == [
        real(
            "docvqa",
            answer="1/8/93",
            alternatives=("Jan 8, 1993",),
            discipline="form",
            **common,
        ),
        real("docvqa", answer="1975", discipline="document_reading", index=1, **common),
    ]
    assert skipped == {"no_answer": 1, "yes_no": 1}
    _check_references(problems)


def test_every_source_states_licence_citation_and_rule() -> None:
    for source in HUB_SOURCES:
        assert source.licence
        assert source.citation
        assert source.scoring
        assert source.splits
        assert SOURCES[source.name] is source
