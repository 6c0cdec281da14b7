"""The labels of a scale: an EAN-13 of the shop's own that holds a product's code and a price or a weight.

A layout spells the thirteen digits: C stands for the product's code, V for the value, D for the check digit, and a
digit for itself, as in 2CCCCC0VVVVVD. Codes that begin with 2 belong to shops, so no product of a maker has one.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from catalog.barcodes import check_digit
from catalog.units import cost

_CODE = re.compile(r"2[0-9]{12}")


@dataclass(frozen=True)
class Label:
    """What a label of a scale holds: a product's code, and a price in cents or a weight in grams."""

    code: str
    value: int
    is_sound: bool

    @property
    def skus(self) -> set[str]:
        """The SKUs that its code may stand for: a label writes zeros before a short one."""
        return {self.code, self.code.lstrip("0") or "0"}


def read_label(*, code: str, layout: str) -> Label | None:
    """Return what a scanned code holds; None where it is no label of that layout.

    `is_sound`: whether its check digit is right.
    """
    if not layout or not _CODE.fullmatch(code):
        return None
    pairs = list(zip(layout, code, strict=True))
    if any(spelled.isdigit() and spelled != digit for spelled, digit in pairs):
        return None
    held = {letter: "".join(digit for spelled, digit in pairs if spelled == letter) for letter in "CV"}
    return Label(code=held["C"], value=int(held["V"]), is_sound=check_digit(code[:-1]) == code[-1])


def quantity_priced(*, total: Decimal, price: Decimal, price_per: int) -> int | None:
    """Return the quantity that costs exactly `total`, the nearest where several do; None where none does."""
    if price <= 0 or total <= 0:
        return None
    near = int(total * price_per / price)
    fitting = [
        quantity
        for quantity in range(max(near - 1, 1), near + 3)
        if cost(price=price, quantity=quantity, price_per=price_per) == total
    ]
    exact = total * price_per / price
    return min(fitting, key=lambda quantity: abs(quantity - exact), default=None)
