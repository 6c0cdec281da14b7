"""Names that the shop makes up where nobody gave one: SKUs and slugs, numbered where the plain one is taken."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import count

from django.utils.text import slugify

from common.text import search_key

MADE_SKU = 40
_NO_SKU = re.compile(r"[^A-Z0-9]+")


def sku_root(*, names: Sequence[str]) -> str:
    """Return a SKU that says what it is, such as PAO-DE-QUEIJO-GRANDE."""
    return _NO_SKU.sub("-", search_key(" ".join(names)).upper()).strip("-")[:MADE_SKU] or "SKU"


def slug_root(*, name: str, most: int) -> str:
    """Return a slug made from a name, with room for a number."""
    return slugify(name)[: most - 6].strip("-") or "item"


def first_free(*, root: str, held: Collection[str], after: int = 0) -> tuple[str, int]:
    """Return the root, or the root with the smallest number beyond `after` that nobody holds, and that number."""
    return next((name, number) for number in count(after + 1) if (name := _numbered(root, number)) not in held)


@dataclass
class Numbering:
    """Gives away one name after the other; what it gave is held from then on."""

    held: set[str]
    _given: dict[str, int] = field(default_factory=dict)

    def name(self, root: str) -> str:
        """Return a name nobody holds."""
        name, self._given[root] = first_free(root=root, held=self.held, after=self._given.get(root, 0))
        self.held.add(name)
        return name


def _numbered(root: str, number: int) -> str:
    return root if number == 1 else f"{root}-{number}"
