"""The record behind a form or a receipt, with exact amounts.

A JSON or YAML mapping; every key is optional except that something must be there to show:

    title: Corner Cafe
    lines: [12 High Street, "Tel. 555 0100"]     # centred below the title
    fields: {Date: 2024-03-01, Table: 7}         # label: value
    checkboxes: {Takeaway: true, Gift wrap: false}
    items:
      - {name: Espresso, quantity: 2, price: 2.40}
      - {name: Cake, price: 3.95}                # quantity is 1
    currency: "$"
    discount: 1.00                               # an amount, before tax
    tax: 8.25                                    # percent of subtotal less discount
    total: 8.39                                  # checked against the sum if given
    note: Thank you!
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from data_synth.render.formats.values import Value

_CENT = Decimal("0.01")
_LIMIT = Decimal(10) ** 12
_MAX_NUMBER_CHARS = 30
_KEYS = (
    "title",
    "lines",
    "fields",
    "checkboxes",
    "items",
    "currency",
    "discount",
    "tax",
    "total",
    "note",
)
_ITEM_KEYS = ("name", "quantity", "price")


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One line of a receipt.

    Example:
        Item(name="Espresso", quantity=Decimal(2), price=Decimal("2.40"))
    """

    name: str
    quantity: Decimal
    price: Decimal
    """Of one piece."""

    @property
    def amount(self) -> Decimal:
        """Quantity times price, rounded half up to cents."""
        return _cents(self.quantity * self.price)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A form or a receipt.

    Example:
        Record(title="Corner Cafe", items=(item,), tax=Decimal("8.25"))
    """

    title: str = ""
    lines: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    checkboxes: tuple[tuple[str, bool], ...] = ()
    items: tuple[Item, ...] = ()
    currency: str = ""
    discount: Decimal = Decimal(0)
    tax: Decimal | None = None
    """Percent."""
    note: str = ""

    @property
    def subtotal(self) -> Decimal:
        """Sum of the items."""
        return sum((item.amount for item in self.items), start=Decimal("0.00"))

    @property
    def tax_amount(self) -> Decimal:
        """Tax on the subtotal less the discount, rounded half up to cents."""
        return _cents((self.subtotal - self.discount) * (self.tax or Decimal(0)) / 100)

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return _cents(self.subtotal - self.discount + self.tax_amount)

    def money(self, amount: Decimal) -> str:
        """An amount with its currency, such as `$1,204.50`."""
        sign = "-" if amount < 0 else ""
        return f"{sign}{self.currency}{abs(amount):,.2f}"


def parse_record(value: Value) -> Record:
    """Check a mapping (see above) and compute with it.

    Raises:
        ValueError: names the key that is unknown, of the wrong kind, or does not add up.
    """
    if not isinstance(value, Mapping) or not value:
        raise ValueError(f"a form needs a mapping with some of the keys {', '.join(_KEYS)}")
    _check_keys(value, _KEYS, "")
    record = Record(
        title=_text(value.get("title", ""), "title"),
        lines=tuple(
            _text(line, f"lines[{i}]") for i, line in enumerate(_list(value.get("lines"), "lines"))
        ),
        fields=tuple(
            (key, _text(field, f"fields.{key}"))
            for key, field in _mapping(value.get("fields"), "fields").items()
        ),
        checkboxes=tuple(
            (key, _flag(box, f"checkboxes.{key}"))
            for key, box in _mapping(value.get("checkboxes"), "checkboxes").items()
        ),
        items=tuple(_item(item, i) for i, item in enumerate(_list(value.get("items"), "items"))),
        currency=_text(value.get("currency", ""), "currency"),
        discount=_amount(value.get("discount", "0"), "discount"),
        tax=_amount(value["tax"], "tax") if "tax" in value else None,
        note=_text(value.get("note", ""), "note"),
    )
    if record.discount > record.subtotal:
        raise ValueError(f"discount: {record.discount} is more than the items cost")
    if "total" in value:
        total = _amount(value["total"], "total")
        if total != record.total:
            raise ValueError(f"total: {total} is given, but the items add up to {record.total}")
    return record


def _item(value: Value, i: int) -> Item:
    if not isinstance(value, Mapping):
        raise ValueError(f"items[{i}]: write a mapping with {', '.join(_ITEM_KEYS)}")
    _check_keys(value, _ITEM_KEYS, f"items[{i}].")
    for key in ("name", "price"):
        if key not in value:
            raise ValueError(f"items[{i}].{key} is missing")
    return Item(
        name=_text(value["name"], f"items[{i}].name"),
        quantity=_amount(value.get("quantity", "1"), f"items[{i}].quantity"),
        price=_amount(value["price"], f"items[{i}].price"),
    )


def _check_keys(value: Mapping[str, Value], known: Sequence[str], prefix: str) -> None:
    for key in value:
        if key not in known:
            raise ValueError(f"unknown key {prefix}{key}: choose from {', '.join(known)}")


def _text(value: Value, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key}: write a text or a number, not {_kind(value)}")
    return str(value)


def _flag(value: Value, key: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{key}: write true or false")
    return value


def _list(value: Value, key: str) -> Sequence[Value]:
    if value is None:
        return ()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise ValueError(f"{key}: write a list, not {_kind(value)}")
    return value


def _mapping(value: Value, key: str) -> Mapping[str, Value]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{key}: write a mapping from label to value, not {_kind(value)}")
    return value


def _amount(value: Value, key: str) -> Decimal:
    """A number of at least 0, exact: as a text or a parsed `Number`, never a float."""
    try:
        if not isinstance(value, str) or len(value) > _MAX_NUMBER_CHARS or not value.isascii():
            raise InvalidOperation
        number = Decimal(value)
    except InvalidOperation as error:  # written by the user
        raise ValueError(f"{key}: {value!r} is no decimal number such as 2.40") from error
    if not number.is_finite() or not 0 <= number < _LIMIT or number.as_tuple().exponent < -12:  # type: ignore[operator]
        raise ValueError(f"{key}: {value!r} is not in the range 0 to {_LIMIT:,.0f}")
    return number


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(value)[:40]
