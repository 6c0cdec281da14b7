"""What goods are counted in: pieces, grams or millilitres; and what so many of them cost.

A price is that of one piece, or of 1 or 1,000 g or ml. Stock, carts and orders count whole pieces, grams and
millilitres, so a line is rounded once and nothing is ever half a gram.
"""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Case, DecimalField, F, IntegerField, Q, When
from django.db.models.functions import Round
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


def cost_expression(*, price: str, quantity: str, price_per: str) -> Any:
    """Return the same as `cost`, for a query: of columns by their paths."""
    exact = F(price) * F(quantity) / F(price_per)
    return Round(exact, precision=2, output_field=DecimalField(max_digits=14, decimal_places=2))


def unit_is_known() -> Q:
    """Return the condition that a row's unit and what its price is for fit together, for constraints."""
    measured = Q(unit__in=[Unit.GRAM, Unit.MILLILITRE], price_per__in=[1, MANY])
    return Q(unit=Unit.PIECE, price_per=1) | measured


def as_pieces(*, quantity: int, unit: str) -> int:
    """Return as how many pieces a quantity counts where pieces are bounded: a begun kilogram or litre is one."""
    return quantity if unit == Unit.PIECE else -(-quantity // MANY)


AS_PIECES = f"CASE WHEN variant.unit = 'piece' THEN kept.quantity ELSE (kept.quantity + {MANY - 1}) / {MANY} END"
"""The same of a row `kept` with a quantity of a row `variant`, for SQL."""


PIECES = Case(
    When(variant__unit=Unit.PIECE, then=F("quantity")),
    default=(F("quantity") + (MANY - 1)) / MANY,
    output_field=IntegerField(),
)
"""The same of the quantity of a row that has a variant, for a query."""


def refuse_quantity(*, quantity: int, unit: str, pointer: str = "/quantity") -> None:
    """Let a quantity pass that may be asked for at once. Raises Malformed."""
    most = most_sold(unit=unit)
    if quantity > most:
        told = gettext("Write a quantity from 1 to %(max)s.") % {"max": most}
        raise Malformed(errors=[FieldError(pointer, "max_value", told)])


def counted(*, quantity: int, unit: str, name: str, sign: str = "x") -> str:
    """Return so many of something in words: 2 x Bolo, 350 g Queijo."""
    return f"{quantity} {sign if unit == Unit.PIECE else unit} {name}"


def shown_quantity(*, quantity: int | str, unit: str) -> str:
    """Return a quantity as it is read: 2, 350 g."""
    return str(quantity) if unit == Unit.PIECE else f"{quantity} {unit}"


def shown_price(price: str, *, unit: str, price_per: int) -> str:
    """Return a price that was written out with what it is for: R$ 2,50, R$ 59,90/kg."""
    if unit == Unit.PIECE:
        return price
    return f"{price}/{THOUSANDS[unit] if price_per == MANY else unit}"
