"""The columns of each kind of spreadsheet: what they are called, and what stands in them.

A file may have them in any order, in either language, and without those that nobody wants to say anything in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.units import MANY, Unit
from common.text import search_key
from desk.forms import DurationField
from scheduling.models.services import MAX_DURATION, MIN_DURATION
from spreadsheets.models import Import

_LENGTH = DurationField(least=MIN_DURATION, most=MAX_DURATION, required=False)


@dataclass(frozen=True)
class Column:
    """A column: its key, its heading, other headings it is known by, and what is written into it."""

    key: str
    title: Promise
    hint: Promise
    also: tuple[str, ...] = ()
    width: int = 14


PRODUCTS = (
    Column("name", _("Product"), _("Its name, as customers read it. Needed for a new one."), ("nome", "name"), 32),
    Column(
        "category",
        _("Category"),
        _("Where it stands, such as Bakery, or Bakery > Bread. Made if it is not there yet."),
        ("shelf",),
        24,
    ),
    Column("variant", _("Variation"), _("What sets it apart, if the product comes in several."), ("variante",), 18),
    Column(
        "sku",
        "SKU",  # type: ignore[arg-type]
        _("Its code. Empty: found by its names, or made for a new one."),
        ("codigo", "code"),
        20,
    ),
    Column(
        "barcode",
        _("Barcode"),
        _("The number under its bars (GTIN), 8 to 14 digits. Format the column as text."),
        ("gtin", "ean", "ean-13", "codigo de barras"),
        18,
    ),
    Column("price", _("Price"), _("12,50 or 1.234,56. Needed for a new one."), ("valor", "preco (r$)")),
    Column("sold", _("Sold by"), _("piece, kg, g, litre or ml. Empty: by the piece."), ("unidade", "unit")),
    Column("options", _("Options"), _("Such as Size: M; Colour: Blue."), ("opcao",), 22),
    Column("description", _("Description"), _("What it is, in a few sentences."), (), 40),
    Column("shown", _("In the shop"), _("yes or no: whether customers see the product."), ("publicado", "published")),
    Column("is_active", _("For sale"), _("yes or no: whether this variation can be bought."), ("ativo", "active")),
    Column(
        "stock_add",
        _("Add to the stock"),
        _("How many arrived, in pieces, g or ml. Comes on top of what is there."),
        ("entrada", "somar estoque"),
    ),
    Column(
        "stock_set",
        _("Count of the stock"),
        _("How many there are now, counted. Takes the place of what was there."),
        ("contagem", "definir estoque"),
    ),
)

SERVICES = (
    Column("name", _("Service"), _("Its name, as customers read it. Needed for a new one."), ("nome", "name"), 32),
    Column(
        "category",
        _("Category"),
        _("Where it stands, such as Bakery, or Bakery > Bread. Made if it is not there yet."),
        ("shelf",),
        24,
    ),
    Column(
        "sku",
        "SKU",  # type: ignore[arg-type]
        _("Its code. Empty: found by its names, or made for a new one."),
        ("codigo", "code"),
        20,
    ),
    Column("price", _("Price"), _("12,50 or 1.234,56. Needed for a new one."), ("valor", "preco (r$)")),
    Column("duration", _("Duration"), _("90 min or 1h30. Needed for a new one."), ("tempo", "length")),
    Column(
        "performers",
        _("Who performs it"),
        _("Names of the professionals, with semicolons between: Ana; Bia. Takes the place of who did."),
        ("profissionais", "profissional", "professionals"),
        28,
    ),
    Column("description", _("Description"), _("What it is, in a few sentences."), (), 40),
    Column("shown", _("In the shop"), _("yes or no: whether customers see it."), ("publicado", "published")),
)

CUSTOMERS = (
    Column("name", _("Customer"), _("The name. Needed in every row."), ("nome", "name", "cliente"), 30),
    Column("phone", _("Phone"), _("With its area code: (11) 98765-4321."), ("celular", "whatsapp", "telefone"), 18),
    Column("email", _("E-mail"), _("Where the customer is written to."), ("email", "e-mail"), 28),
    Column("document", _("CPF or CNPJ"), _("With or without marks."), ("cpf", "cnpj", "documento"), 18),
    Column("birthday", _("Birthday"), _("12/03/1990, or 12/03 without the year."), ("nascimento",), 14),
    Column("tags", _("Tags"), _("With commas between: VIP, loyal. They come on top of those there are."), (), 20),
    Column(
        "notes",
        _("Notes"),
        _("What the team should know. The customer never reads it."),
        ("anotacoes", "obs", "observacoes"),
        40,
    ),
)

COLUMNS: Mapping[str, Sequence[Column]] = {
    Import.Kind.PRODUCTS: PRODUCTS,
    Import.Kind.SERVICES: SERVICES,
    Import.Kind.CUSTOMERS: CUSTOMERS,
}
NEEDED: Mapping[str, Sequence[Sequence[str]]] = {
    Import.Kind.PRODUCTS: (("sku", "name"),),
    Import.Kind.SERVICES: (("sku", "name"),),
    Import.Kind.CUSTOMERS: (("name",),),
}
"""Of each of these at least one column must be there."""

IN_STOCK = _("In stock")
"""Heading of a column that exports have and imports leave alone."""


SOLD: Mapping[str, tuple[str, int]] = {
    **dict.fromkeys(("peca", "pecas", "pc", "un", "und", "unid", "unidade", "piece", "unit"), (Unit.PIECE.value, 1)),
    **dict.fromkeys(("kg", "quilo", "kilo", "quilograma", "kilogram"), (Unit.GRAM.value, MANY)),
    **dict.fromkeys(("g", "grama", "gramas", "gram"), (Unit.GRAM.value, 1)),
    **dict.fromkeys(("l", "litro", "litros", "litre", "liter"), (Unit.MILLILITRE.value, MANY)),
    **dict.fromkeys(("ml", "mililitro", "millilitre"), (Unit.MILLILITRE.value, 1)),
}
"""Words for what a price is for, folded."""

SOLD_AS: Mapping[tuple[str, int], str | Promise] = {
    (Unit.PIECE.value, 1): _("piece"),
    (Unit.GRAM.value, MANY): "kg",
    (Unit.GRAM.value, 1): "g",
    (Unit.MILLILITRE.value, MANY): "L",
    (Unit.MILLILITRE.value, 1): "ml",
}
"""The same the other way, for exports."""


@cache
def known_headings(kind: str) -> dict[str, str]:
    """Return the key of each heading, folded, in every language of the shop."""
    known: dict[str, str] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            known |= {search_key(str(column.title)): column.key for column in COLUMNS[kind]}
    return {word: column.key for column in COLUMNS[kind] for word in column.also} | known


def title_of(kind: str, key: str) -> str:
    """Return what a column is called."""
    return next((str(column.title) for column in COLUMNS[kind] if column.key == key), key)


def length_of(text: str) -> int | None:
    """Return the minutes of a visit as people write them, such as 1h30 or 90. Raises ValidationError."""
    return _LENGTH.to_python(text)
