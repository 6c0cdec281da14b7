"""The way to a category, as it is written into a cell."""

from catalog import services as catalog
from catalog.services.bulk import SEPARATOR


def path_of(text: str) -> list[str]:
    """Return the way to a category: Bakery > Bread. Raises Malformed, CategoryTooDeep."""
    path = [part.strip() for part in text.replace(SEPARATOR.strip(), ">").split(">")]
    catalog.refuse_path(path)
    return path
