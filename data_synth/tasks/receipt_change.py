"""A till receipt without its total: what was due, and the change for what was paid."""

import random
from dataclasses import dataclass

from data_synth.render import Page, Panel, Paragraph, Rule, Span, TableBlock
from data_synth.style import Style
from data_synth.tasks.base import Pose, Product, Task, check, format_tuple
from data_synth.tasks.document import draw_document

_GOODS = ("apples", "bread", "cheese", "dates", "eggs", "flour", "grapes", "honey", "jam", "kiwis")
_SHOPS = ("CORNER SHOP", "GREEN MARKET", "CITY GROCER", "FARM STORE", "DAILY FOODS")
_MAX_QUANTITY = 4
_Answer = tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """The knobs of a level."""

    num_items: int
    max_price: int
    max_total: int
    discount: bool
    """A line takes an amount off the total."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is printed: (quantity, name, unit price) per item, discount, amount paid."""

    shop: str
    number: int
    items: tuple[tuple[int, str, int], ...]
    discount: int
    paid: int


class ReceiptChange(Task[Config]):
    name = "receipt_change"
    summary = "work out the total of a receipt and the change"
    domain = "documents"
    discipline = "calculation"
    answer_type = "tuple"
    verifier = "sequence"
    ladder = (
        Config(num_items=2, max_price=9, max_total=30, discount=False),
        Config(num_items=3, max_price=15, max_total=60, discount=False),
        Config(num_items=5, max_price=20, max_total=120, discount=False),
        Config(num_items=6, max_price=30, max_total=200, discount=True),
        Config(num_items=8, max_price=60, max_total=500, discount=True),
    )

    def pose(self, rng: random.Random, config: Config) -> Pose:
        return Pose(
            questions={
                "en": [
                    "The total is missing from the receipt. Work it out, and the change for the "
                    "amount paid. Answer as (total,change).",
                    "What is the sum to pay, and how much is given back? Answer as (total,change).",
                ],
                "zh": [
                    "收据上没有印总额。求应付总额和找零，按 (总额,找零) 回答。",
                    "这张收据应付多少，找回多少？按 (总额,找零) 回答。",
                ],
            },
            answers=Product([range(config.max_total // 2, config.max_total + 1), range(21)]),
            params=config,
        )

    def build(self, rng: random.Random, pose: Pose, answer: _Answer) -> Receipt:
        config: Config = pose.params
        total, change = answer
        discount = rng.randint(1, 9) if config.discount else 0
        left = total + discount
        names = rng.sample(_GOODS, config.num_items)
        items: list[tuple[int, str, int]] = []
        for name in names[:-1]:
            # Leaves at least one for every item to come.
            room = left - (config.num_items - 1 - len(items))
            quantity = rng.randint(1, min(_MAX_QUANTITY, room))
            price = rng.randint(1, min(config.max_price, room // quantity))
            items.append((quantity, name, price))
            left -= quantity * price
        items.append((1, names[-1], left))
        rng.shuffle(items)
        return Receipt(
            shop=rng.choice(_SHOPS),
            number=rng.randint(1000, 9999),
            items=tuple(items),
            discount=discount,
            paid=total + change,
        )

    def draw(self, scene: Receipt, *, size: int, style: Style) -> Page:
        rows = [("qty", "item", "each")]
        rows += [(str(quantity), name, str(price)) for quantity, name, price in scene.items]
        cells = tuple(tuple((Span(text=text),) for text in row) for row in rows)
        closing = [f"discount -{scene.discount}"] if scene.discount else []
        closing.append(f"paid {scene.paid}")
        paper = Panel(
            blocks=(
                Paragraph(spans=(Span(text=scene.shop, bold=True),), align="center"),
                Paragraph(spans=(Span(text=f"receipt no. {scene.number}"),), align="center"),
                TableBlock(rows=cells, align=("right", "left", "right"), grid=False),
                Rule(),
                *(Paragraph(spans=(Span(text=line),), align="right") for line in closing),
            ),
            background=None,
            border=style.line,
            padding=0.8,
        )
        return draw_document([paper], size=size, style=style, chars_per_line=30)

    def solve(self, pose: Pose, scene: Receipt) -> _Answer:
        due = sum(quantity * price for quantity, _, price in scene.items) - scene.discount
        return due, scene.paid - due

    def reason(self, pose: Pose, scene: Receipt) -> str:
        due = 0
        steps = []
        for quantity, name, price in scene.items:
            due += quantity * price
            steps.append(f"{name} {quantity} * {price} = {quantity * price}, sum {due}.")
        if scene.discount:
            steps.append(f"discount {due} - {scene.discount} = {due - scene.discount}.")
            due -= scene.discount
        steps.append(f"paid {scene.paid} - {due} = {scene.paid - due}.")
        return f"plan: multiply and add. scan: {' '.join(steps)} {check((due, scene.paid - due))}"

    def text_twin(self, pose: Pose, scene: Receipt) -> str:
        lines = [scene.shop, f"receipt no. {scene.number}", "qty item each"]
        lines += [f"{quantity} {name} {price}" for quantity, name, price in scene.items]
        lines += [f"discount -{scene.discount}"] if scene.discount else []
        return "\n".join([*lines, f"paid {scene.paid}"])

    def format(self, answer: _Answer) -> str:
        return format_tuple(answer)
