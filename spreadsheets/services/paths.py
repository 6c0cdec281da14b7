"""The way to a category, as it is written into a cell."""

from catalog import services as catalog
from catalog.services.bulk import SEPARATOR
from common.errors import FieldError, Invalid, Malformed


def path_of(text: str) -> list[str]:
    """Return the way to a category: Bakery > Bread. Raises Malformed."""
    path = [part.strip() for part in text.replace(SEPARATOR.strip(), ">").split(">")]
    try:
        catalog.refuse_path(path)
    except Invalid as refusal:
        raise Malformed(errors=[FieldError("/category", refusal.code, str(refusal.title))]) from refusal
    return path
