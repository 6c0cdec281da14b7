"""What a product and a variant are to be, as one value each, and whether that may be written.

Amounts are not rounded here. A price with a third decimal is refused, because whoever typed it meant
something else.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from catalog.barcodes import is_gtin
from catalog.deposits import NO_DEPOSIT, WHOLE, Deposit
from catalog.units import MANY, Unit
from common.errors import FieldError, Malformed
from common.money import CENT, MAX_MONEY
from common.text import is_clean, one_line

SKU_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")
SLUG_FORM = re.compile(r"[a-zA-Z0-9_-]{1,80}")
MAX_OPTIONS = 6
MAX_OPTION_TEXT = 60
MAX_DESCRIPTION = 10_000
MAX_LEAD_MINUTES = 525_600
MAX_POSITION = 32_000

Options = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class ProductSheet:
    """A product as it is to be. An empty `slug` is made from the name, or stays as it was.

    It stands in the category `category_id`, or in the one called `new_category`, which is put up where there is none.
    """

    name: str
    category_id: int | None
    description: str = ""
    slug: str = ""
    pickup_lead_minutes: int | None = None
    deposit: Deposit = NO_DEPOSIT
    new_category: str = ""


@dataclass(frozen=True)
class VariantSheet:
    """A variant as it is to be. `pk` names the variant to change; None writes a new one down.

    An empty `sku` is made from the names, or stays as it was.

    A `barcode` of None stays as it was; an empty one is taken away.

    `unit` and `price_per` say what the price of a new variant is for; None: as it is, or of a new one one piece.

    Without a `position` a variant stands where it stands on the list it came with.
    """

    sku: str
    price: Decimal
    name: str = ""
    options: Options = ()
    is_active: bool = True
    position: int | None = None
    pk: int | None = None
    unit: str | None = None
    price_per: int | None = None
    barcode: str | None = None


def checked_product(*, sheet: ProductSheet) -> ProductSheet:
    """Return the sheet in its stored form. Raises Malformed naming each field that cannot be."""
    clean = replace(sheet, name=one_line(sheet.name), description=sheet.description.strip().replace("\r\n", "\n"))
    problems = [
        *_text_problems(pointer="/name", text=clean.name, most=160, needed=True),
        *_text_problems(pointer="/description", text=clean.description, most=MAX_DESCRIPTION),
        *slug_problems(slug=clean.slug),
    ]
    lead = clean.pickup_lead_minutes
    if lead is not None and not 0 <= lead <= MAX_LEAD_MINUTES:
        problems.append(FieldError("/pickup_lead_minutes", "bounds", _("At most a year, and not in the past.")))
    problems += deposit_problems(deposit=clean.deposit)
    if clean.category_id is None:
        problems += _text_problems(pointer="/category", text=one_line(clean.new_category), most=80, needed=True)
    _refuse(problems)
    return clean


def checked_variant(*, sheet: VariantSheet) -> VariantSheet:
    """Return the sheet in its stored form. Raises Malformed naming each field that cannot be."""
    clean = replace(sheet, name=one_line(sheet.name))
    problems = _text_problems(pointer="/name", text=clean.name, most=120)
    if clean.sku and not SKU_FORM.fullmatch(clean.sku):
        told = _("A SKU has 1 to 64 letters, digits, dots, dashes or underscores.")
        problems.append(FieldError("/sku", "invalid", told))
    problems += [*price_problems(price=clean.price), *position_problems(position=clean.position)]
    problems += unit_problems(unit=clean.unit, price_per=clean.price_per)
    problems += barcode_problems(barcode=clean.barcode)
    _refuse(problems)
    return replace(clean, options=checked_options(options=clean.options))


def checked_options(*, options: Options) -> list[dict[str, str]]:
    """Return options in their stored form, [{"name", "value"}]. Raises Malformed: empty, too long, twice."""
    clean = [{"name": one_line(option["name"]), "value": one_line(option["value"])} for option in options]
    problems = []
    for option in clean:
        for text in option.values():
            problems += _text_problems(pointer="/options", text=text, most=MAX_OPTION_TEXT, needed=True)
    if len({option["name"].casefold() for option in clean}) < len(clean):
        problems.append(FieldError("/options", "repeated", _("Each option has one value.")))
    if len(clean) > MAX_OPTIONS:
        told = _("A variant has at most %(most)s options.") % {"most": MAX_OPTIONS}
        problems.append(FieldError("/options", "bounds", told))
    _refuse(problems)
    return clean


def options_from(*, text: str) -> list[dict[str, str]]:
    """Return options as people write them, "Tamanho: M; Cor: Azul", in their stored form. Raises Malformed."""
    pairs = [part.partition(":") for part in text.split(";") if part.strip()]
    if any(not colon for _name, colon, _value in pairs):
        _refuse([FieldError("/options", "invalid", _("Write options as in Size: M; Colour: Blue."))])
    return checked_options(options=[{"name": name, "value": value} for name, _colon, value in pairs])


def price_problems(*, price: Decimal) -> list[FieldError]:
    """Return what is wrong with a price: below nothing, beyond the greatest amount, not in whole cents."""
    if price.is_finite() and 0 <= price <= MAX_MONEY and price == price.quantize(CENT):
        return []
    return [FieldError("/price", "invalid", _("A price has two places, and is neither negative nor endless."))]


def deposit_problems(*, deposit: Deposit) -> list[FieldError]:
    """Return what is wrong with a deposit: no share of a price, or no amount."""
    if not 0 <= deposit.percent <= WHOLE:
        return [FieldError("/deposit_percent", "bounds", _("A share is between 1 and 99 percent."))]
    amount = deposit.amount
    if amount.is_finite() and 0 <= amount <= MAX_MONEY and amount == amount.quantize(CENT):
        return []
    return [
        FieldError("/deposit_amount", "invalid", _("A deposit has two places, and is neither negative nor endless."))
    ]


def unit_problems(*, unit: str | None, price_per: int | None) -> list[FieldError]:
    """Return what is wrong with a unit and with how many of them a price is for."""
    if unit is not None and unit not in Unit.values:
        return [FieldError("/unit", "invalid_choice", _("Things are counted in pieces, g or ml."))]
    counted = unit or Unit.PIECE
    if price_per is not None and price_per not in ((1,) if counted == Unit.PIECE else (1, MANY)):
        return [FieldError("/price_per", "invalid_choice", _("A price is for one piece, or for 1 or 1000 g or ml."))]
    return []


def barcode_problems(*, barcode: str | None) -> list[FieldError]:
    """Return what is wrong with the number under some bars."""
    if not barcode or is_gtin(barcode):
        return []
    told = _("A barcode has 8, 12, 13 or 14 digits, of which the last one proves the others.")
    return [FieldError("/barcode", "invalid", told)]


def slug_problems(*, slug: str) -> list[FieldError]:
    """Return what is wrong with a slug; an empty one is a wish to have one made."""
    if not slug or SLUG_FORM.fullmatch(slug):
        return []
    return [FieldError("/slug", "invalid", _("A slug has 1 to 80 letters without accents, digits, dashes."))]


def position_problems(*, position: int | None) -> list[FieldError]:
    """Return what is wrong with a place on a list."""
    if position is None or 0 <= position <= MAX_POSITION:
        return []
    return [FieldError("/position", "bounds", _("Between 0 and %(most)s, please.") % {"most": MAX_POSITION})]


def refuse_position(*, position: int | None) -> None:
    """Let a place on a list pass. Raises Malformed."""
    _refuse(position_problems(position=position))


def refuse_name(*, name: str, most: int) -> None:
    """Let a name pass. Raises Malformed."""
    _refuse(_text_problems(pointer="/name", text=name, most=most, needed=True))


def refuse_slug(*, slug: str) -> None:
    """Let a slug, or none, pass. Raises Malformed."""
    _refuse(slug_problems(slug=slug))


def refuse_alt(*, alt: str) -> None:
    """Let the description of a picture pass. Raises Malformed."""
    _refuse(_text_problems(pointer="/alt", text=alt, most=200))


def _text_problems(*, pointer: str, text: str, most: int, needed: bool = False) -> list[FieldError]:
    if needed and not text:
        return [FieldError(pointer, "blank", _("This must not be empty."))]
    if len(text) > most:
        return [FieldError(pointer, "max_length", _("At most %(most)s characters.") % {"most": most})]
    if not is_clean(text):
        return [FieldError(pointer, "unclean", _("This text has characters that cannot be seen."))]
    return []


def _refuse(problems: Iterable[FieldError]) -> None:
    found = list(problems)
    if found:
        raise Malformed(errors=found)
