"""Money: Decimal, two places, rounded half up, in this one place."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.db import models

from common.text import plain_marks

CENT = Decimal("0.01")
MAX_MONEY = Decimal("99999999.99")

_PLAIN = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]{1,2}")
_GROUPED = re.compile(r"[0-9]{1,3}(\.[0-9]{3})+,[0-9]{2}|[0-9]{1,3}(\.[0-9]{3}){2,}")


def money(value: Decimal | int | str) -> Decimal:
    """Return an amount with two places, rounded half up.

    Raises TypeError for a float, which has lost cents before it came here; ValueError for what is no number.
    """
    if isinstance(value, float):
        raise TypeError("a float is never money")
    try:
        amount = Decimal(value)
    except InvalidOperation as problem:
        raise ValueError(f"no amount: {value!r}") from problem
    if not amount.is_finite():
        raise ValueError(f"no amount: {value!r}")
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def split(*, amount: Decimal, weights: Sequence[Decimal | int]) -> list[Decimal]:
    """Split an amount in proportion to the weights, to the cent, so that the parts add up (largest remainder).

    Weights that are all 0 count alike. Raises ValueError without weights.
    """
    return [money(part * CENT) for part in shares(whole=int(money(amount) / CENT), weights=weights)]


def shares(*, whole: int, weights: Sequence[Decimal | int]) -> list[int]:
    """Split a whole number in proportion to the weights, so that the parts add up (largest remainder).

    Weights that are all 0 count alike. Raises ValueError without weights.
    """
    if not weights:
        raise ValueError("no weights to split by")
    weight_of_all = sum(Decimal(weight) for weight in weights)
    if weight_of_all == 0:
        return shares(whole=whole, weights=[1] * len(weights))
    exact = [whole * Decimal(weight) / weight_of_all for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: whole - sum(parts)]:
        parts[place] += 1
    return parts


class MoneyField(models.DecimalField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A column for an amount: twelve digits, two of them cents."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("max_digits", 12)
        options.setdefault("decimal_places", 2)
        super().__init__(*args, **options)


def format_brl(amount: Decimal) -> str:
    """Return the amount as Brazilians write it: R$ 1.234,56."""
    text = f"{money(amount):,.2f}"
    return "R$ " + text.translate(str.maketrans(",.", ".,"))


def format_amount(amount: Decimal, *, currency: str) -> str:
    """Return the amount with its currency, as people here write it: R$ 1.234,56, or USD 1234.56."""
    return format_brl(amount) if currency == "BRL" else f"{currency} {money(amount)}"


def parse_brl(text: str) -> Decimal:
    """Read an amount as Brazilians type it: 10,50 · 10.50 · 1.234,56 · R$ 1.234,56.

    Raises ValueError for anything that could mean two amounts, such as 1,234.56 or 1.234.
    """
    bare = plain_marks(text).strip()
    bare = bare[2:].strip() if bare[:2].upper() == "R$" else bare
    if _PLAIN.fullmatch(bare) or _DECIMAL.fullmatch(bare):
        amount = money(bare.replace(",", "."))
    elif _GROUPED.fullmatch(bare):
        amount = money(bare.replace(".", "").replace(",", "."))
    else:
        raise ValueError(f"not an amount: {text!r}")
    if amount > MAX_MONEY:
        raise ValueError(f"not an amount: {text!r}")
    return amount
