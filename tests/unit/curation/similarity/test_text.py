"""Texts: what counts as one question in other words, measured on labelled pairs."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, BertConfig, BertModel, BertTokenizerFast

from data_synth.problem import Modality, Problem
from mm_rl.config.similarity import (
    ClipConfig,
    ContaminationConfig,
    NearTextConfig,
    ParaphrasesConfig,
)
from mm_rl.curation.similarity.contamination import Contamination
from mm_rl.curation.similarity.content import describe
from mm_rl.curation.similarity.minhash import NearTexts, jaccard, shingled
from mm_rl.curation.similarity.near_text import NearText
from mm_rl.curation.similarity.paraphrases import Paraphrases
from mm_rl.curation.similarity.text_embedding import PooledTransformer, text_embedder
from mm_rl.prompts.prompt_set import ListPromptSet
from tests.unit.curation.conftest import MakePool, png
from tests.unit.curation.similarity.text_pairs import (
    DIFFERENT,
    DIFFERENT_ANSWERS,
    PARAPHRASES,
)


def question(text: str, answer: str = "7", *, images: Sequence[bytes] = ()) -> Problem:
    return Problem(
        question=text,
        images=tuple(images),
        answer=answer,
        answer_type="string",
        verifier="string",
        source="made_up",
        modality=Modality.REAL if images else Modality.TEXT,
    )


def test_paraphrases_reach_a_precision_and_recall_of_95_percent_on_labelled_pairs(
    make_pool: MakePool,
) -> None:
    # The number of the pair in the answer keeps the pairs apart.
    problems = [
        question(text, f"7 of {place}") for place, pair in enumerate(PARAPHRASES) for text in pair
    ]
    num_same = len(problems)
    for place, (pair, answers) in enumerate(zip(DIFFERENT, DIFFERENT_ANSWERS, strict=True)):
        problems += [
            question(text, f"{answer} of different {place}")
            for text, answer in zip(pair, answers, strict=True)
        ]
    drops = Paraphrases(ParaphrasesConfig()).apply(make_pool(problems))
    same = [2 * place + 1 in drops for place in range(len(PARAPHRASES))]
    other = [num_same + 2 * place + 1 in drops for place in range(len(DIFFERENT))]
    assert len(same) + len(other) >= 60
    assert sum(same) / len(same) >= 0.95
    assert sum(same) / (sum(same) + sum(other)) >= 0.95


def test_guards_are_what_makes_embeddings_precise() -> None:
    threshold = ParaphrasesConfig().threshold
    embedder = text_embedder("wordllama")

    def near(pair: tuple[str, str]) -> bool:
        first, second = embedder.embed(pair)
        return float(first @ second) >= threshold

    def guarded(pair: tuple[str, str]) -> bool:
        # The answers are taken to be equal: the hardest case.
        return describe(question(pair[0])).guard == describe(question(pair[1])).guard

    hits = sum(map(near, PARAPHRASES))
    alone = sum(map(near, DIFFERENT))
    with_guard = sum(near(pair) and guarded(pair) for pair in DIFFERENT)
    assert hits / (hits + alone) < 0.6
    assert hits / (hits + with_guard) > 0.84
    assert all(map(guarded, PARAPHRASES))


def test_near_text_finds_edits_and_spares_other_problems(make_pool: MakePool) -> None:
    originals = list(dict.fromkeys(itertools.chain(*DIFFERENT)))[:40]
    answers = [str(1000 + place) for place in range(len(originals))]
    edited = {
        "Please: " + originals[2]: answers[2],
        originals[5].replace("?", " ?").lower(): answers[5],
        originals[1].replace("Tom", "Tim"): answers[1],
        originals[9].replace("cube", "cubee"): answers[9],
        "In this exercise, " + originals[20]: answers[20],
        originals[33].replace("hat", "cap"): answers[33],
    }
    problems = [question(text, answer) for text, answer in zip(originals, answers, strict=True)]
    problems += [question(text, answer) for text, answer in edited.items()]
    drops = NearText(NearTextConfig()).apply(make_pool(problems))
    assert set(drops) == set(range(len(originals), len(problems)))
    assert drops[len(originals)].twin == problems[2].id
    assert drops[len(originals) + 2].twin == problems[1].id


def test_a_template_asked_of_many_images_is_no_duplicate(make_pool: MakePool) -> None:
    colors = ("red", "green", "blue", "black", "white")
    problems = [
        question("How many red cells are there?", "2", images=[png(color)]) for color in colors
    ]
    problems.append(question("how many  red cells are there", "2", images=[png("red")]))
    problems.append(question("How many blue cells are there?", "2", images=[png("red")]))
    pool = make_pool(problems)
    assert set(NearText(NearTextConfig()).apply(pool)) == {5}
    assert set(Paraphrases(ParaphrasesConfig()).apply(pool)) == {5}


def test_other_numbers_or_another_answer_make_another_problem(make_pool: MakePool) -> None:
    long = "Tom has {} apples and gives 2 of them to each of his three friends; how many are left?"
    problems = [
        question(long.format(30), "24"),
        question(long.format(31), "24"),
        question(long.format(30) + " Please answer.", "25"),
        question(long.format(30) + " Please answer.", "24"),
    ]
    drops = NearText(NearTextConfig()).apply(make_pool(problems))
    assert {index: drop.twin for index, drop in drops.items()} == {3: problems[0].id}


def test_singular_and_plural_of_a_word_that_counts_are_one_word(make_pool: MakePool) -> None:
    problems = [
        question("The left and right halves mirror each other. Which colors are hidden?", "red"),
        question("The left and the right half mirror each other. Which colors are hidden?", "red"),
        question(
            "The upper and the right third mirror each other. Which colors are hidden?", "red"
        ),
    ]
    drops = NearText(NearTextConfig()).apply(make_pool(problems))
    assert {index: drop.twin for index, drop in drops.items()} == {1: problems[0].id}


STORY = (
    "A baker has {} loaves on Monday, sells two thirds of them before noon and the rest to a "
    "school in the evening. How many loaves does the school get?"
)
TEMPLATE = (
    "Read the following list of letters from left to right, then answer with the {} letter of "
    "the list and with nothing else: {}"
)


def contaminated(
    make_pool: MakePool, pool: Sequence[Problem], *sets: Sequence[Problem]
) -> set[int]:
    evaluated = {f"set {number}": ListPromptSet(items) for number, items in enumerate(sets)}
    found = Contamination(ContaminationConfig(), ClipConfig(), evaluated).apply(make_pool(pool))
    assert all(drop.reason == "contaminated_text" for drop in found.values())
    return set(found)


def test_a_problem_that_stands_in_many_evaluation_sets_contaminates(make_pool: MakePool) -> None:
    copies = [[question(STORY.format(81), answer)] for answer in ("27", "27", "27.0", "27 loaves")]
    pool = [question(STORY.format(81)), question(STORY.format(96))]
    assert contaminated(make_pool, pool, *copies) == {0}
    reworded = question("Think first. " + STORY.format(81), "27")
    assert contaminated(make_pool, [reworded, pool[1]], *copies) == {0}


@pytest.mark.parametrize(
    ("evaluated", "answers"),
    [
        (STORY, ("27", "27", "27")),
        ("Solve this problem. " + STORY, ("27", "27", "27")),  # in which none of them stands
        (STORY, ("27", "$27", "27 loaves")),
    ],
)
def test_several_wordings_of_a_problem_are_no_template(
    make_pool: MakePool, evaluated: str, answers: tuple[str, ...]
) -> None:
    wordings = (STORY, "Solve. " + STORY, STORY + " Please.")
    pool = [
        question(wording.format(81), answer)
        for wording, answer in zip(wordings, answers, strict=True)
    ]
    assert contaminated(make_pool, pool, [question(evaluated.format(81), "27")]) == {0, 1, 2}


def test_the_questions_of_a_template_do_not_contaminate_each_other(make_pool: MakePool) -> None:
    evaluated = [question(TEMPLATE.format("last", " ".join(f"{a}{b}" for b in "xyzuvwqk")), a)
                 for a in "abcdefgh"]  # fmt: skip
    pool = [question(TEMPLATE.format("last", " ".join(f"{b}{a}" for b in "mnopqrst")), a)
            for a in "abcdefgh"]  # fmt: skip
    assert contaminated(make_pool, pool, evaluated) == set()
    assert contaminated(make_pool, [*pool, evaluated[3]], evaluated) == {8}


def test_a_problem_that_consists_of_templates_is_given_away_as_a_whole_only(
    make_pool: MakePool,
) -> None:
    """Every run of it stands in three problems at least, and all of its runs in one."""
    start = "{} and then walk slowly along the old river road until you come to a bridge where you"
    end = "turn to the side of the hill and count all of the trees that you see, {}"
    walks = [
        question(f"{start.format(first)} {end.format(last)}", f"{first}{last}")
        for first in ("Stop", "Wait", "Run", "Sit")
        for last in ("please", "twice", "aloud", "again")
    ]
    evaluated, pool = [walks[0], walks[5]], walks[1:5] + walks[6:]
    assert contaminated(make_pool, pool, evaluated) == set()
    assert contaminated(make_pool, [*pool, walks[5]], evaluated) == {len(pool)}


@pytest.mark.parametrize(
    ("asked", "same"),
    [
        ("What is 12 - 7?", True),
        ("what is  12-7", True),
        ("What is $12 \u2212 7$?", True),
        ("What is 12 + 7?", False),
        ("What is 12 * 7?", False),
        ("What is 1.2 - 7?", False),
    ],
)
def test_short_questions_are_compared_with_their_signs(
    make_pool: MakePool, asked: str, same: bool
) -> None:
    evaluated = [question("What is 12 - 7?", "5")]
    assert contaminated(make_pool, [question(asked, "5")], evaluated) == ({0} if same else set())


def test_programs_in_signs_alone_are_different_problems(make_pool: MakePool) -> None:
    """Their words, which are those of the instruction, are the same."""
    asked = "Run the program below, which has signs for its only instructions, and give the output:"
    programs = [f"{'+' * count}[>{sign}<-]>." for count in (1, 2, 3) for sign in ("++", "--")]
    problems = [question(f"{asked} {program}", program) for program in programs]
    assert contaminated(make_pool, problems[:3], problems[3:]) == set()
    assert contaminated(make_pool, problems[:4], problems[3:]) == {3}


def test_jaccard_of_shingles_by_hand() -> None:
    first = shingled(("a", "b", "c", "d"), 2)
    second = shingled(("a", "b", "c", "e"), 2)
    # ab bc cd against ab bc ce: two of four.
    assert jaccard(first, second) == 0.5
    assert shingled(("a",), 3) == {("a",)}


def test_lsh_agrees_with_comparing_all_pairs() -> None:
    texts = [tuple(text.lower().split()) for pair in (*PARAPHRASES, *DIFFERENT) for text in pair]
    index = NearTexts(threshold=0.5, shingle=2, permutations=128)
    found = [index.add(place, words) is not None for place, words in enumerate(texts)]
    wanted = [
        any(jaccard(shingled(words, 2), shingled(other, 2)) >= 0.5 for other in texts[:place])
        for place, words in enumerate(texts)
    ]
    assert sum(wanted) >= 10
    assert found == wanted


def test_embeddings_of_a_killed_run_are_read_and_not_computed_again(make_pool: MakePool) -> None:
    pool = make_pool([question("How much is the fish?"), question("How much does the fish cost?")])
    filter_ = Paraphrases(ParaphrasesConfig(threshold=0.3))
    before = filter_.apply(pool)
    file = pool.run.folder / "curation" / "embeddings" / "wordllama" / "000000.npz"
    written = file.stat().st_mtime_ns
    assert filter_.apply(pool) == before != {}
    assert file.stat().st_mtime_ns == written
    assert len(list(file.parent.iterdir())) == 1


def test_any_transformer_serves_as_embedder_with_the_mean_of_its_states(tmp_path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "red", "blue", "cell"]
    (tmp_path / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab_file=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    model = BertModel(config).eval()
    model.save_pretrained(tmp_path)
    vectors = PooledTransformer(str(tmp_path)).embed(["red cell", "blue"])
    ids = AutoTokenizer.from_pretrained(tmp_path)("blue")["input_ids"]
    assert len(ids) == 3
    with torch.no_grad():
        states = model(torch.tensor([ids])).last_hidden_state[0].mean(dim=0)
    # The shorter text of the batch is padded, which the mean must leave out.
    assert torch.allclose(vectors[1], states / states.norm(), atol=1e-5)


def test_an_unknown_sentence_model_is_an_error_that_names_the_key(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"curation\.paraphrases\.model"):
        text_embedder(str(tmp_path / "nowhere"))
