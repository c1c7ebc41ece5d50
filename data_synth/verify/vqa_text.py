"""The answer normalisation of the VQA evaluation (Antol et al. 2015), written as linear scans.

After `PythonEvaluationTools/vqaEvaluation/vqaEval.py` of the VQA release: punctuation, letter case,
number words up to ten, articles and missing apostrophes do not count. Left out of its table are the
keys with a capital letter, which never apply, and the slip that turns somebody'd into somebodyd.
"""

from itertools import pairwise

_PUNCTUATION = ';/[]"{}()=+\\_-><@`,?!'
_ARTICLES = frozenset(("a", "an", "the"))
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"none": "0"}
_CONTRACTIONS = """
    ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't
    haven't he'd he'd've he's how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've
    might've mustn't must've needn't not've o'clock oughtn't 'ow's'at shan't she'd've should've
    shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd someone'd've someone'll
    someone's something'd something'd've something'll that's there'd there'd've there're there's
    they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're
    what's what've when's where'd where's where've who'd who'd've who'll who's who've why'll why're
    why's won't would've wouldn't wouldn't've y'all y'all'll y'all'd've you'd you'd've you'll you're
    you've
"""


def _drop_one_apostrophe(word: str) -> list[str]:
    return [word[:at] + word[at + 1 :] for at, char in enumerate(word) if char == "'"]


_APOSTROPHES = {
    damaged: word for word in _CONTRACTIONS.split() for damaged in _drop_one_apostrophe(word)
}
"""Contraction with one apostrophe missing -> the contraction."""


def normalise_vqa_answer(text: str) -> str:
    """The form in which two answers are compared; linear in the length of `text`."""
    text = _drop_punctuation(" ".join(text.split()))
    words = [_NUMBER_WORDS.get(word, word) for word in text.lower().split()]
    return " ".join(_APOSTROPHES.get(word, word) for word in words if word not in _ARTICLES)


def _drop_punctuation(text: str) -> str:
    """A mark beside a blank vanishes, one between letters becomes a blank: red/blue, red , blue.

    All marks vanish from a text with a comma between digits, so that 1,000 is 1000. Periods go
    unless a digit follows.
    """
    has_digit_comma = any(
        left.isdecimal() and comma == "," and right.isdecimal()
        for left, comma, right in zip(text, text[1:], text[2:], strict=False)
    )
    cleaned = text
    for mark in _PUNCTUATION:
        vanishes = has_digit_comma or f"{mark} " in text or f" {mark}" in text
        cleaned = cleaned.replace(mark, "" if vanishes else " ")
    kept = (char for char, after in pairwise(cleaned + " ") if char != "." or after.isdecimal())
    return "".join(kept)
