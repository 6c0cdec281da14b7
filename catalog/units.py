"""What goods are counted in: pieces, grams or millilitres; and what so many of them cost.

A price is that of one piece, or of 1 or 1,000 g or ml. Stock, carts and orders count whole pieces, grams and
millilitres, so a line is rounded once and nothing is ever half a gram.
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import FieldError, Malformed
from common.money import money

PIECES_SOLD_AT_ONCE = 999
MEASURED_SOLD_AT_ONCE = 100_000
"""Grams or millilitres."""

MANY = 1000
"""Grams of a kilogram, millilitres of a litre."""


THOUSANDS = {"g": "kg", "ml": "L"}
"""What so many of a unit are called."""


class Unit(models.TextChoices):
    """What a SKU is counted in, as the API names it."""

    PIECE = "piece", _("piece")
    GRAM = "g", _("gram")
    MILLILITRE = "ml", _("millilitre")


def most_sold(*, unit: str) -> int:
    """Return how many of a unit may be sold of a SKU at once."""
    return PIECES_SOLD_AT_ONCE if unit == Unit.PIECE else MEASURED_SOLD_AT_ONCE


def cost(*, price: Decimal, quantity: int, price_per: int) -> Decimal:
    """Return what a quantity costs whose price is that of `price_per`, rounded half up once."""
    return price * quantity if price_per == 1 else money(price * quantity / price_per)


def as_pieces(*, quantity: int, unit: str) -> int:
    """Return as how many pieces a quantity counts where pieces are bounded: a begun kilogram or litre is one."""
    return quantity if unit == Unit.PIECE else -(-quantity // MANY)


AS_PIECES = f"CASE WHEN variant.unit = 'piece' THEN kept.quantity ELSE (kept.quantity + {MANY - 1}) / {MANY} END"
"""The same of a row `kept` with a quantity of a row `variant`, for SQL."""


def refuse_quantity(*, quantity: int, unit: str, pointer: str = "/quantity") -> None:
    """Let a quantity pass that may be asked for at once. Raises Malformed."""
    most = most_sold(unit=unit)
    if quantity > most:
        told = gettext("Write a quantity from 1 to %(max)s.") % {"max": most}
        raise Malformed(errors=[FieldError(pointer, "max_value", told)])


def counted(*, quantity: int, unit: str, name: str, sign: str = "x") -> str:
    """Return so many of something in words: 2 x Bolo, 350 g Queijo."""
    return f"{quantity} {sign if unit == Unit.PIECE else unit} {name}"


def shown_quantity(*, quantity: int, unit: str) -> str:
    """Return a quantity as it is read: 2, 350 g."""
    return str(quantity) if unit == Unit.PIECE else f"{quantity} {unit}"


def shown_price(price: str, *, unit: str, price_per: int) -> str:
    """Return a price that was written out with what it is for: R$ 2,50, R$ 59,90/kg."""
    if unit == Unit.PIECE:
        return price
    return f"{price}/{THOUSANDS[unit] if price_per == MANY else unit}"
