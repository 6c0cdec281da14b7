"""How a row of a preview is shown: what it says, or field by field the old and the new."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from common.identity import shown_birthday, shown_document
from common.money import format_brl
from desk.shown import shown_duration, shown_phone
from spreadsheets.models import ImportRow
from spreadsheets.services import PROBLEMS
from spreadsheets.tables import COLUMNS, SOLD_AS, title_of

NAMED_BY = ("name", "variant", "sku")


def shown_row(*, kind: str, row: ImportRow) -> dict[str, Any]:
    """Return what a page shows of a row."""
    content = dict(row.content)
    if content.get("unit"):
        content["sold"] = [content["unit"], content.get("price_per") or 1]
    return {
        "number": row.number,
        "name": " · ".join(str(content[key]) for key in NAMED_BY if content.get(key)),
        "says": [
            (str(column.title), shown(column.key, content[column.key]))
            for column in COLUMNS[kind]
            if column.key not in NAMED_BY and content.get(column.key) not in (None, "", [])
        ],
        "changes": [(title_of(kind, key), shown(key, old), shown(key, new)) for key, old, new in row.changes],
        "errors": [(title_of(kind, key), str(PROBLEMS.get(text, text))) for key, text in row.errors],
    }


def shown(key: str, value: Any) -> str:
    """Return a value of a column as people read it."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(SHOWN[key](value)) if key in SHOWN else str(value)


def _options(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "; ".join(f"{option['name']}: {option['value']}" for option in value)


SHOWN: Mapping[str, Callable[[Any], object]] = {
    "price": lambda value: format_brl(Decimal(value)),
    "category": lambda value: value if isinstance(value, str) else " › ".join(value),
    "sold": lambda value: SOLD_AS[value[0], value[1]],
    "options": _options,
    "duration": shown_duration,
    "phone": shown_phone,
    "document": shown_document,
    "birthday": shown_birthday,
    "tags": ", ".join,
    "performers": lambda value: value if isinstance(value, str) else "; ".join(value),
}
