"""Forms and receipts: amounts by hand, and errors that name the key."""

from decimal import Decimal
from typing import Any

import pytest

from data_synth.render import PageStyle, Panel, Paragraph, TableBlock
from data_synth.render.formats.form import form_blocks, receipt_blocks
from data_synth.render.formats.record import Record, parse_record
from data_synth.render.formats.values import parse_yaml

CAFE = """
title: Corner Cafe
lines: [12 High Street]
fields: {Date: 2024-03-01, Table: 7, Name: ""}
checkboxes: {Takeaway: true, Gift: false}
items:
  - {name: Espresso, quantity: 2, price: 2.40}
  - {name: Flour kg, quantity: 0.335, price: 1.30}
  - {name: Cake, price: 1203.95}
currency: $
discount: 1.00
tax: 8.25
note: Thank you!
"""


def record(source: str = CAFE) -> Record:
    return parse_record(parse_yaml(source))


def words(blocks: Any) -> list[str]:
    """The texts of all blocks in order."""
    found: list[str] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            found.append("".join(span.text for span in block.spans))
        elif isinstance(block, TableBlock):
            found += ["".join(span.text for span in cell) for row in block.rows for cell in row]
        elif isinstance(block, Panel):
            found += words(block.blocks)
    return found


def test_amounts_are_exact() -> None:
    cafe = record()
    # 2 x 2.40 = 4.80; 0.335 x 1.30 = 0.4355 -> 0.44; 1203.95.
    assert [item.amount for item in cafe.items] == [
        Decimal("4.80"),
        Decimal("0.44"),
        Decimal("1203.95"),
    ]
    assert cafe.subtotal == Decimal("1209.19")
    # (1209.19 - 1.00) x 8.25 % = 99.675675 -> 99.68; total 1208.19 + 99.68.
    assert cafe.tax_amount == Decimal("99.68")
    assert cafe.total == Decimal("1307.87")


def test_half_a_cent_is_rounded_up() -> None:
    cafe = record("items: [{name: a, quantity: 0.5, price: 0.05}]\ntax: 50")
    assert cafe.subtotal == Decimal("0.03")  # 0.025
    assert cafe.tax_amount == Decimal("0.02")  # 0.015


def test_a_receipt_shows_every_amount() -> None:
    (panel,) = receipt_blocks(record(), PageStyle())
    shown = words([panel])
    assert shown[:2] == ["Corner Cafe", "12 High Street"]
    for text in ("Espresso", "2", "$2.40", "$4.80", "0.335", "$0.44", "$1,203.95", "Table: 7"):
        assert text in shown
    totals = [text for text in shown[shown.index("Subtotal") :] if text][:8]
    assert totals[:6] == ["Subtotal", "$1,209.19", "Discount", "-$1.00", "Tax 8.25%", "$99.68"]
    assert totals[6:] == ["Total", "$1,307.87"]
    assert shown[-1] == "Thank you!" and "\u2612 Takeaway" in shown and "\u2610 Gift" in shown


def test_a_form_shows_fields_boxes_and_items() -> None:
    shown = words(form_blocks(record(), PageStyle()))
    assert shown[:8] == [
        "Corner Cafe",
        "12 High Street",
        "Date",
        "2024-03-01",
        "Table",
        "7",
        "Name",
        "",
    ]
    assert "\u2612 Takeaway" in shown and "$1,307.87" in shown


def test_a_total_that_is_given_is_checked() -> None:
    assert record(CAFE + "total: 1307.87").total == Decimal("1307.87")
    with pytest.raises(ValueError, match=r"total: 1307.88 is given, .* add up to 1307.87"):
        record(CAFE + "total: 1307.88")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("titel: x", "unknown key titel: choose from title"),
        ("[]", "needs a mapping"),
        ("items: {a: 1}", "items: write a list"),
        ("items: [5]", r"items\[0\]: write a mapping"),
        ("items: [{name: x}]", r"items\[0\].price is missing"),
        ("items: [{name: x, price: 1}, {price: 2}]", r"items\[1\].name is missing"),
        ("items: [{name: x, price: cheap}]", r"items\[0\].price: 'cheap' is no decimal"),
        ("items: [{name: x, price: -1}]", r"items\[0\].price: '-1' is not in the range"),
        ("items: [{name: x, price: 1e99}]", r"items\[0\].price: '1e99' is not in the range"),
        ("items: [{name: x, price: .nan}]", r"items\[0\].price: '.nan'"),
        ("items: [{name: x, price: NaN}]", r"items\[0\].price: 'NaN' is not in the range"),
        ("items: [{name: x, price: 1e-99}]", r"items\[0\].price: '1e-99' is not in the range"),
        ("items: [{name: x, price: 1, vat: 2}]", r"unknown key items\[0\].vat"),
        (
            "items: [{name: [x], price: 1}]",
            r"items\[0\].name: write a text or a number, not a list",
        ),
        ("checkboxes: {a: maybe}", "checkboxes.a: write true or false"),
        ("fields: [a]", "fields: write a mapping"),
        ("tax: [1]", "tax: "),
        ("items: [{name: x, price: 1}]\ndiscount: 2", "discount: 2 is more than the items cost"),
    ],
)
def test_errors_name_the_key(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        record(source)


def test_a_float_is_refused_because_it_is_not_exact() -> None:
    with pytest.raises(ValueError, match=r"tax: 8\.25 is no decimal"):
        parse_record({"tax": 8.25})  # type: ignore[dict-item]


def test_a_record_that_shows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="shows nothing"):
        form_blocks(record("currency: $"), PageStyle())
