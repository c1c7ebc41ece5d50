"""Published examples of each benchmark's scoring, entered by hand with their source.

An item is a row in the set's own columns; `right` and `wrong` are answers as they stand in the box.
Where an official script decides otherwise than we do, the answer is in `stricter` (accepted there,
refused here) or `more_lenient` (the other way round), with the reason beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One row and the verdicts on answers to it."""

    row: dict[str, Any]
    right: Sequence[str] = ()
    wrong: Sequence[str] = ()
    stricter: Sequence[str] = ()
    more_lenient: Sequence[str] = ()


def _mathvista(question: str, answer: str, **other: Any) -> dict[str, Any]:
    row = {
        "question": question,
        "choices": None,
        "unit": None,
        "precision": None,
        "answer": answer,
        "question_type": "free_form",
        "answer_type": "text",
        "metadata": {"task": "figure question answering", "language": "english"},
    }
    return row | other


# lupantech/MathVista: the five examples of `evaluation/prompts/ext_ans.py` (also in the appendix of
# arXiv:2310.02255), then rows 2 and 5 of `data/testmini.json`; all scored as
# `evaluation/calculate_score.py` does.
MATHVISTA = (
    Item(
        row=_mathvista("Which number is missing?", "14", answer_type="integer"),
        right=["14", "14.0"],
        wrong=["15", "-14", "14 or 15", "fourteen"],
        # int(float("14.7")) is 14: cutting decimals off takes wrong numbers for right ones.
        stricter=["14.7"],
    ),
    Item(
        row=_mathvista(
            "What is the fraction of females facing the camera?",
            "0.6",
            answer_type="float",
            precision=1.0,
        ),
        right=["0.6", "0.60", "0.62", ".6"],
        wrong=["0.66", "6", "3/5"],
    ),
    Item(
        row=_mathvista(
            "How much money does Luca need to buy a sour apple candy and a butterscotch candy?",
            "1.45",
            answer_type="float",
            precision=2.0,
            unit="$",
        ),
        right=["1.45", "1.450", "1.454"],
        wrong=["1.46", "145", "1.5"],
        # The script reads no dollar signs; around the whole answer they are LaTeX.
        more_lenient=["$1.45$"],
    ),
    Item(
        row=_mathvista(
            "Between which two years does the line graph saw its maximum peak?",
            "[2007, 2008]",
            answer_type="list",
        ),
        right=["[2007, 2008]"],
        wrong=["[2008, 2007]", "2007", "[2007, 2008, 2009]"],
        # The script compares characters.
        more_lenient=["[2007,2008]"],
    ),
    Item(
        row=_mathvista(
            "What fraction of the shape is blue?",
            "8/11",
            question_type="multi_choice",
            choices=["3/11", "8/11", "6/11", "3/5"],
        ),
        right=["B", "(B)", "(B) 8/11", "8/11"],
        wrong=["A", "(C)", "6/11", "(A) 3/11"],
        # The nearest choice by edit distance is taken: a bare 8 becomes 8/11.
        stricter=["8"],
    ),
    Item(
        row=_mathvista(
            "what is the total volume of the measuring cup?",
            "1000",
            answer_type="integer",
            unit="g",
        ),
        right=["1000", "1000.0"],
        wrong=["100", "1001", "1000 g"],
        # The script reads no separators of thousands.
        more_lenient=["1,000"],
    ),
    Item(
        row=_mathvista(
            "Find $m\\angle H$",
            "97",
            question_type="multi_choice",
            choices=["97", "102", "107", "122"],
        ),
        right=["A", "(A) 97", "97"],
        wrong=["B", "102", "(D)"],
        # Of the four choices 97 is the one that differs in one character only.
        stricter=["98"],
    ),
)


def _mathvision(question: str, answer: str, options: list[str] | None = None) -> dict[str, Any]:
    return {
        "question": question,
        "options": options or [],
        "answer": answer,
        "level": 2,
        "subject": "arithmetic",
    }


# mathllm/MATH-V: rows 2, 15 and 1 of `data/test.jsonl`; the others follow `is_equal` of
# `evaluation/utils.py` as `evaluation/evaluate.py` calls it, which compares lower-cased text, then
# tuples, then values rounded to two decimals. (2*3, 5+2) is the example of `eval_tuple`.
MATHVISION = (
    Item(
        row=_mathvision("Which bike is most expensive?\n<image1>", "A", ["A", "B", "C", "D", "E"]),
        right=["A", "a", "(A)"],
        wrong=["B", "C", "A or B"],
    ),
    Item(
        row=_mathvision(
            "Emily celebrated her birthday on Thursday, and her sister Liepa 8 days earlier. Which "
            "weekday was that?\n<image1>",
            "A",
            ["Wednesday", "Thursday", "Friday", "Tuesday", "Sunday"],
        ),
        right=["A", "Wednesday", "wednesday"],
        wrong=["B", "Friday", "(B) Thursday"],
        # The script takes the letter or the text, but not both.
        more_lenient=["(A) Wednesday"],
    ),
    Item(
        row=_mathvision(
            "Which number should be written in place of the question mark?\n<image1>", "60"
        ),
        right=["60", "60.0", "\\frac{120}{2}"],
        wrong=["61", "60.1", "-60"],
        # Equal to two decimals, but no integer.
        stricter=["60.004"],
    ),
    Item(row=_mathvision("How long?", "3.5"), right=["3.5", "3.50", "3.504"], wrong=["3.51", "35"]),
    Item(
        row=_mathvision("What share?", "\\frac{1}{2}"),
        right=["1/2", "0.5"],
        wrong=["2", "0.51"],
        # Fractions without braces are mended beside roots only.
        more_lenient=["\\frac12"],
    ),
    Item(row=_mathvision("Which point?", "(6,7)"), right=["(6,7)", "(6, 7)"], wrong=["(7,6)", "6"]),
    Item(
        row=_mathvision("How far?", "2\\sqrt{3}"),
        right=["2\\sqrt{3}", "\\sqrt{12}"],
        wrong=["2\\sqrt{2}", "3.4"],
        # A rounded value is not the exact one that is asked for.
        stricter=["3.46"],
    ),
)


def _mmmu(answer: str, options: str = "[]") -> dict[str, Any]:
    return {
        "question": "What is it? <image 1>",
        "options": options,
        "answer": answer,
        "question_type": "open" if options == "[]" else "multiple-choice",
        "subfield": "Electronics",
    }


_VOLTAGES = (
    "['75 + 13.3 cos(250t - 57.7\N{DEGREE SIGN})V', '75 + 23.3 cos(250t - 57.7\N{DEGREE SIGN})V', "
    "'45 + 3.3 cos(250t - 57.7\N{DEGREE SIGN})V', '95 + 13.3 cos(250t - 57.7\N{DEGREE SIGN})V']"
)
# MMMU-Benchmark/MMMU: validation_Electronics_28 and _29 as in `eval/README.md`, where the model
# answers B and 36 watts; the other open cases follow `normalize_str` and `eval_open` of
# `eval/eval_utils.py`.
MMMU = (
    Item(
        row=_mmmu("A", _VOLTAGES),
        right=["A", "(A)", "A.", "75 + 13.3 cos(250t - 57.7\N{DEGREE SIGN})V"],
        wrong=["B", "(D)", "75 + 23.3 cos(250t - 57.7\N{DEGREE SIGN})V"],
        # The last letter in brackets counts, so that naming several is a free guess.
        stricter=["(B) or (A)"],
    ),
    Item(
        row=_mmmu("30"),
        right=["30", "30.0"],
        wrong=["36 watts", "36"],
        # Any number in the response counts, whatever its unit.
        stricter=["30 watts"],
    ),
    Item(row=_mmmu("0.0"), right=["0.0", "0", "0.004"], wrong=["0.01", "1"]),
    Item(
        row=_mmmu("1,234.567"),
        right=["1234.57", "1234.567", "1234.5678"],
        wrong=["1234.56", "1234"],
        # Any number in the response counts; and separators of thousands, which our rule of rounded
        # numbers does not read.
        stricter=["1 or 1234.57", "1,234.567"],
    ),
    Item(
        row=_mmmu("['Fourier series', 'Fourier']"),
        right=["Fourier series", "fourier", "FOURIER SERIES"],
        wrong=["Taylor series", "four"],
        # The reference may stand anywhere in the text, a denial included.
        stricter=["not a Fourier series"],
    ),
)


def _math(problem: str, answer: str) -> dict[str, Any]:
    return {"problem": problem, "answer": answer, "subject": "Algebra", "level": 3}


# HuggingFaceH4/MATH-500, `test.jsonl`, which is `prm800k/math_splits/test.jsonl` of openai/prm800k:
# the problems with the `unique_id` beside them, in short; then the cases of
# `modeling/math_equivalence_test.py` of hendrycks/math.
MATH_500 = (
    Item(  # test/precalculus/807.json
        row=_math("Convert (0,3) to polar coordinates.", "\\left( 3, \\frac{\\pi}{2} \\right)"),
        right=["(3, \\frac{\\pi}{2})", "\\left(3,\\frac{\\pi}{2}\\right)"],
        wrong=["(3, \\pi)", "(\\frac{\\pi}{2}, 3)", "3"],
        more_lenient=["(3, \\pi/2)"],
    ),
    Item(  # test/intermediate_algebra/1994.json
        row=_math("Write the sum in terms of p and q.", "p - q"), right=["p-q"], wrong=["q-p"]
    ),
    Item(  # test/algebra/2584.json
        row=_math("Find f(-2)+f(-1)+f(0).", "\\frac{14}{3}"),
        right=["14/3", "\\dfrac{14}{3}", "\\frac{14}{3}"],
        wrong=["4.67", "\\frac{3}{14}"],
        more_lenient=["\\frac{28}{6}"],
    ),
    Item(  # test/algebra/1349.json
        row=_math("Which student has the greatest average speed?", "\\text{Evelyn}"),
        right=["\\text{Evelyn}"],
        wrong=["Angela", "nylevE"],
        # The script compares \text{Evelyn} and Evelyn as characters.
        more_lenient=["Evelyn"],
    ),
    Item(  # test_dfrac, test_fractions
        row=_math("?", "\\tfrac{1}{2} + \\frac1{72}"),
        right=["\\dfrac{1}{2} +\\frac{1}{72}"],
        wrong=["\\frac{1}{2} + 2/3"],
    ),
    Item(  # test_order, test_order2
        row=_math("?", "10, 4, -2"),
        right=["10,4,-2"],
        wrong=["4, 12, 2"],
        # A bare list is a set of solutions, and these have no order.
        more_lenient=["4, 10, -2"],
    ),
    Item(row=_math("?", "10\\text{ units}"), right=["10"], wrong=["100"]),  # test_units, _units2
    Item(  # test_dollars, test_percentage
        row=_math("?", "10"),
        right=["10"],
        wrong=["100", "-10"],
        # The script compares characters.
        more_lenient=["10.0"],
        # Ten percent is not ten, nor is an amount of money a number.
        stricter=["\\$10", "10\\%"],
    ),
    Item(  # test_parentheses
        row=_math("?", "\\left(x-2\\right)\\left(x+2\\right)"),
        right=["(x-2)(x+2)"],
        wrong=["(x-2)^2"],
        more_lenient=["x^2-4"],
    ),
    Item(row=_math("?", "0.1"), right=[".1", "0.1"], wrong=["1"]),  # test_decimals2
    Item(  # test_sqrt
        row=_math("?", "10\\sqrt{3} + \\sqrt4"),
        right=["10\\sqrt3 + \\sqrt{4}"],
        wrong=["10\\sqrt3"],
    ),
    Item(row=_math("?", "\\frac34i"), right=["\\frac{3}{4}i"], wrong=["\\frac{3}{4}"]),  # test_frac
    Item(row=_math("?", "\\frac{8}{3}"), right=["\\tfrac83"], wrong=["\\frac{3}{8}"]),  # test_tfrac
    Item(  # test_expression
        row=_math("?", "5x - 7y + 11z + 4 = 0"),
        right=["5x - 7y + 11z + 4 = 0"],
        wrong=["x + y - z + 2 = 0"],
    ),
    Item(
        row=_math("?", "\\frac{1}{2}"), right=["1/2", "\\frac12", "0.5"], wrong=["2"]
    ),  # test_half
)

_AOPS = "https://artofproblemsolving.com/wiki/index.php/2024_AIME_I_Problems/Problem_{}"
# HuggingFaceH4/aime_2024: problems 1, in short, and 2 of AIME I. The set writes some answers as on
# the answer sheet, with three digits.
AIME_2024 = (
    Item(
        row={
            "problem": "Find the number of minutes the walk takes her.",
            "answer": "204",
            "url": _AOPS.format(1),
        },
        right=["204", "204.0", "$204$"],
        wrong=["240", "203", "204 minutes", "204 or 205"],
    ),
    Item(
        row={
            "problem": "There exist real numbers $x$ and $y$, both greater than 1, such that "
            "$\\log_x\\left(y^x\\right)=\\log_y\\left(x^{4y}\\right)=10$. Find $xy$.",
            "answer": "025",
            "url": _AOPS.format(2),
        },
        right=["25", "025"],
        wrong=["250", "5", "-25"],
    ),
)
# MathArena/aime_2025: problems 1 and 2, in short, of AIME I.
AIME_2025 = (
    Item(
        row={
            "problem": "Find the sum of all integer bases $b>9$ for which $17_b$ is a divisor of "
            "$97_b.$",
            "answer": 70,
            "problem_idx": 1,
        },
        right=["70", "070", "70.0"],
        wrong=["7", "700", "21 + 49"],
    ),
    Item(
        row={"problem": "Find the area of heptagon $AFNBCEM$.", "answer": 588, "problem_idx": 2},
        right=["588"],
        wrong=["588.5", "589", "five"],
    ),
)


def _chart(label: str) -> dict[str, Any]:
    return {"query": "What is it?", "label": [label]}


# google-research/pix2struct: the eight pairs of `test_pix2struct_metrics` in
# `pix2struct/metrics_test.py` (relaxed accuracy 62.5 %), and answers scored as
# `relaxed_correctness` of `pix2struct/metrics.py` does; the five percent are those of Masry et al.
# 2022, section 5.1.
CHARTQA = (
    Item(row=_chart("abc"), right=["abc", "Abc"], wrong=["abcd"]),
    Item(row=_chart("Abc"), right=["abc"], wrong=["ab"]),
    Item(row=_chart("96%"), right=["100%", "96 %"], wrong=["96", "102%"]),
    Item(row=_chart("94%"), right=["94%"], wrong=["100%"]),
    Item(row=_chart("0.96"), right=["100%", "0.92"], wrong=["0.90", "96"]),
    Item(row=_chart("0.94"), right=["0.94"], wrong=["100%"]),
    Item(row=_chart("Won't"), right=["won't"], wrong=["Don't"]),
    Item(row=_chart("14"), right=["14", "14.7", "13.3"], wrong=["14.8", "13.2", "-14", "14 or 15"]),
    Item(
        row=_chart("Yes"),
        right=["yes", "Yes"],
        wrong=["No", "yes and no"],
        # The script compares characters, letter case ignored.
        more_lenient=["Yes."],
    ),
)


def _document(answer: str) -> dict[str, Any]:
    return {"question": "What is it?", "answers": [answer], "question_types": ["form"]}


# The same predictions and targets, with the score ANLS (47.5 % there).
DOCVQA = (
    Item(row=_document("abc"), right=["abc", "Abc"], wrong=["xyz"]),
    Item(row=_document("Abc"), right=["abc"], wrong=[""]),
    Item(row=_document("96%"), right=["96%"], wrong=["100%"]),
    Item(row=_document("94%"), right=["94%"], wrong=["100%"]),
    Item(row=_document("0.96"), right=["0.96"], wrong=["100%"]),
    Item(row=_document("0.94"), right=["0.94"], wrong=["100%"]),
    Item(row=_document("Won't"), right=["Don't"], wrong=["Shall"]),
)


def _science(question: str, choices: list[str], answer: int, **other: str) -> dict[str, Any]:
    row = {
        "question": question,
        "choices": choices,
        "answer": answer,
        "hint": "",
        "topic": "geography",
        "grade": "grade2",
    }
    return row | other


# lupantech/ScienceQA: problems 1 (also on the card of derek-thomas/ScienceQA), 4 and 8 of
# `data/scienceqa/problems.json`. `tools/evaluate_acc.py` compares indices; `models/run_gpt3.py`
# takes a capital letter alone, and for all else, `more_lenient` included, a random choice.
SCIENCEQA = (
    Item(
        row=_science(
            "Which of these states is farthest north?",
            ["West Virginia", "Louisiana", "Arizona", "Oklahoma"],
            0,
        ),
        right=["A"],
        wrong=["B", "E", "Virginia", "A or B", "(A) Louisiana", "Louisiana"],
        more_lenient=["(A)", "a", "A. West Virginia", "answer: A", "West Virginia"],
    ),
    Item(
        row=_science(
            "Which figure of speech is used in this text?\nSing, O goddess, the anger of Achilles "
            "son of Peleus, that brought countless ills upon the Achaeans.",
            ["chiasmus", "apostrophe"],
            1,
            topic="figurative-language",
            grade="grade11",
        ),
        right=["B"],
        wrong=["A", "C", "chiasmus", "A, B"],
        more_lenient=["(B)", "(B) apostrophe", "Apostrophe"],
    ),
    Item(
        row=_science(
            "Is this a sentence fragment?\nDuring the construction of Mount Rushmore, "
            "approximately eight hundred million pounds of rock from the mountain to create the "
            "monument.",
            ["no", "yes"],
            1,
            topic="writing-strategies",
            grade="grade12",
        ),
        right=["B"],
        wrong=["A", "no", "no, yes", "(A) yes"],
        more_lenient=["(B) yes", "Yes."],
    ),
)


def _geometry(problem: str, answer: str) -> dict[str, Any]:
    return {"problem": f"<image>{problem}", "answer": answer}


# lupantech/InterGPS: problems 16, 15, 19 and 14 of `annotation_tool/data_collection/data_examples`,
# with `annotat_text` and the right one of `choices` as hiyouga/geometry3k copies them. Scored as
# `symbolic_solver/test.py` does: the nearest of the four choices to the number that is found.
GEOMETRY3K = (
    Item(  # 8, 10, 12, 13.5
        row=_geometry("If $AD=27,AB=8$, and $AE=12$, find $BC$.", "10"),
        right=["10", "10.0", "\\frac{20}{2}"],
        wrong=["8", "13.5", "11.5", "10 or 12"],
        stricter=["10.4", "9.5"],
    ),
    Item(  # 5, 5 sqrt(2), 5 sqrt(3), 10
        row=_geometry("Find y.", "5 \\sqrt { 3 }"),
        right=["5\\sqrt{3}", "\\sqrt{75}", "5 \\sqrt 3"],
        wrong=["5\\sqrt{2}", "5", "10"],
        stricter=["8.66"],
    ),
    Item(  # sqrt(2)/10, sqrt(2)/5, sqrt(5)/5, 2 sqrt(2)/5
        row=_geometry("Find $\\sin x$", "\\frac { 2 \\sqrt { 2 } } { 5 }"),
        right=["\\frac{2\\sqrt{2}}{5}", "\\frac{\\sqrt{8}}{5}"],
        wrong=["\\frac{\\sqrt{2}}{5}", "\\frac{\\sqrt{5}}{5}"],
        stricter=["0.57"],
    ),
    Item(  # 36, 48, 66, 72
        row=_geometry("Find $x$.", "48"),
        right=["48", "48.0", "x = 48"],
        wrong=["24", "84", "66", "48 or 66"],
        stricter=["50"],
    ),
)

ITEMS: dict[str, Sequence[Item]] = {
    "mathvista": MATHVISTA,
    "mathvision": MATHVISION,
    "mmmu": MMMU,
    "math-500": MATH_500,
    "aime-2024": AIME_2024,
    "aime-2025": AIME_2025,
    "chartqa": CHARTQA,
    "docvqa": DOCVQA,
    "scienceqa": SCIENCEQA,
    "geometry3k": GEOMETRY3K,
}
"""By name of the benchmark."""
