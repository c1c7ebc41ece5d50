"""Rows of pretraining, cooldown and long contexts, made from problems alone (k1.5 App. B).

A rendered problem knows the text of its picture; any task's problem has the reasoning that reads
its picture off. So documents, descriptions and text twins need no other data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from data_synth.problem import Modality, Problem
from data_synth.seeding import derive_rng
from data_synth.verify import demonstrate
from mm_rl.policy.batch import TrainRow
from mm_rl.policy.model import EncodedPrompt, Policy
from mm_rl.prompts.presentation import present
from mm_rl.run import Run
from mm_rl.stages.deck import Deck
from mm_rl.stages.demonstrations import ProblemDeck

READ_QUESTION = "Read the picture."
DESCRIBE_QUESTION = "Describe the picture."


def demonstration(problem: Problem) -> str:
    """Reasoning and answer of a problem."""
    return demonstrate(problem.verifier, problem.reasoning, problem.answer)


def picture_text(problem: Problem) -> str:
    """What the picture says: its lines of text, or what the reasoning reads off it."""
    if problem.regions:
        return "\n".join(region.text for region in problem.regions)
    return problem.reasoning


def as_text(problem: Problem) -> Problem:
    """The problem without its images: its text twin, or notes on the picture and the question."""
    if not problem.images:
        return problem
    if problem.text_twin is not None:
        return present(problem, "text")
    return replace(
        problem,
        question=f"{problem.reasoning}\n{problem.question}",
        images=(),
        regions=(),
        modality=Modality.TEXT,
        id="",
    )


def document_row(policy: Policy, text: str) -> TrainRow:
    """Plain text, of which every token trains."""
    start = policy.tokenizer.bos_token_id
    first = start if start is not None else min(policy.end_ids)
    return TrainRow(
        prompt=EncodedPrompt(token_ids=(first,), vision={}),
        token_ids=policy.encode_completion(text),
    )


class TextDocuments(ProblemDeck):
    """Question, reasoning and answer as one document, without the image."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, "demonstrations", name="text_documents")

    def _make_row(self, index: int, variant: bool) -> TrainRow:
        problem = self.prompts.problem(index)
        question = problem.text_twin or problem.question
        return document_row(self.run.policy, f"{question}\n{demonstration(problem)}")


class VisionText(ProblemDeck):
    """Images with questions and answers; in the variant, with what they say.

    Args:
        run: whose policy encodes.
        description_frac: share of the second kind.

    Raises:
        ValueError: `data.presentation=text` leaves no problem its image.
    """

    def __init__(self, run: Run, *, description_frac: float) -> None:
        super().__init__(run, "demonstrations", name="vision_text")
        self.description_frac = description_frac
        tags = map(self.prompts.tags, range(self.size))
        self._with_images = [i for i, tag in enumerate(tags) if tag.modality != Modality.TEXT]
        if not self._with_images:
            raise ValueError(
                f"data.presentation={run.config.data.presentation} leaves pretraining no image: "
                "set it to as_made, or pretrain.vision_share and pretrain.vision_text_to to 0"
            )
        self.size = len(self._with_images)

    def _variant(self, index: int) -> bool:
        draw = derive_rng(self.seed, "description", self.role, index).random()
        return draw < self.description_frac

    def _make_row(self, index: int, variant: bool) -> TrainRow:
        problem = self.prompts.problem(self._with_images[index])
        completion = demonstration(problem)
        if variant and picture_text(problem):
            completion = picture_text(problem)
            question = READ_QUESTION if problem.regions else DESCRIBE_QUESTION
            problem = replace(problem, question=question, id="")
        return TrainRow(
            prompt=self.run.encoder.encode_problem(problem),
            token_ids=self.run.policy.encode_completion(completion),
            read_prompt=True,
            group=1,
        )


class TextTwins(ProblemDeck):
    """Problems asked as text: what is learned from pictures must hold without them."""

    def __init__(self, run: Run) -> None:
        super().__init__(run, "demonstrations", name="text_twins")

    def _make_row(self, index: int, variant: bool) -> TrainRow:
        problem = as_text(self.prompts.problem(index))
        return TrainRow(
            prompt=self.run.encoder.encode_problem(problem),
            token_ids=self.run.policy.encode_completion(demonstration(problem)),
            group=1,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One problem in a long document.

    Example:
        Page(problem=problem, num_tokens=41)
    """

    problem: Problem
    num_tokens: int
    """What it adds to the prompt."""


class LongDocuments(Deck):
    """The pages or pictures of many problems in one context, and a question about one of them.

    All of their text trains, as in any document: what only answered a question at the end would
    leave the long context hardly a gradient. `length` is set by the stage: a context is filled
    until nothing more fits.

    Args:
        run: whose policy encodes.
        image_frac: share of the documents whose pages are images.
    """

    def __init__(self, run: Run, *, image_frac: float) -> None:
        self.run, self.image_frac = run, image_frac
        self.prompts = run.prompts["demonstrations"]
        super().__init__(run.config.seed, "long_documents", len(self.prompts))
        self.length = 0
        self._problems: dict[int, Problem] = {}
        self._image_tokens: dict[int, int] = {}

    def row(self, index: int) -> TrainRow:
        rng = derive_rng(self.seed, self.name, self.length, index)
        asked = self._problem(index)
        as_images = bool(asked.images) and rng.random() < self.image_frac
        row = self._make_row([asked], 0, as_images=as_images)
        others: list[Problem] = []
        room = self.length - row.num_tokens
        while True:
            other = rng.randrange(self.size)
            page = self._page(other, as_images=as_images)
            room -= page.num_tokens
            if room < 0:
                break
            others.append(page.problem)
        place = rng.randint(0, len(others))
        row = self._make_row([*others[:place], asked, *others[place:]], place, as_images=as_images)
        while row.num_tokens > self.length and others:  # joining pages may change their tokens
            others.pop()
            place = min(place, len(others))
            pages = [*others[:place], asked, *others[place:]]
            row = self._make_row(pages, place, as_images=as_images)
        return row

    def _problem(self, index: int) -> Problem:
        if index not in self._problems:
            self._problems[index] = self.prompts.problem(index)
        return self._problems[index]

    def _page(self, index: int, *, as_images: bool) -> Page:
        problem = self._problem(index)
        if as_images and problem.images:
            return Page(problem=problem, num_tokens=self._count_image_tokens(index, problem))
        text = _page_text(99, problem)
        ids = self.run.policy.tokenizer(text, add_special_tokens=False)["input_ids"]
        return Page(problem=problem, num_tokens=len(ids) + 1)

    def _count_image_tokens(self, index: int, problem: Problem) -> int:
        if index not in self._image_tokens:
            encode = self.run.encoder.encode_problem
            bare = encode(replace(problem, images=(), id=""))
            self._image_tokens[index] = len(encode(problem).token_ids) - len(bare.token_ids)
        return self._image_tokens[index]

    def _make_row(self, pages: Sequence[Problem], place: int, *, as_images: bool) -> TrainRow:
        asked = pages[place]
        if as_images:
            pages = [page for page in pages if page.images]
            place = next(i for i, page in enumerate(pages) if page is asked)
            question = f"Picture {place + 1}: {asked.question}"
        else:
            texts = [_page_text(number, page) for number, page in enumerate(pages, 1)]
            question = "\n".join([*texts, f"Page {place + 1}: {asked.question}"])
        images = tuple(image for page in pages for image in page.images) if as_images else ()
        merged = replace(asked, question=question, images=images, id="")
        return TrainRow(
            prompt=self.run.encoder.encode_problem(merged),
            token_ids=self.run.policy.encode_completion(demonstration(asked)),
            read_prompt=True,
            group=1,
        )


def _page_text(number: int, problem: Problem) -> str:
    text = picture_text(problem) or problem.text_twin or problem.question
    return f"Page {number}. {text}"
