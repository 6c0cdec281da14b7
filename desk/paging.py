"""How far a list of the desk is counted: far enough to leaf through, and no further.

Counting every row of a long table costs more than showing a page of it, and nobody turns to page 2,000.
"""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

COUNTED = 1_000


class AtLeast(int):
    """A number of rows that may be larger; it is shown as "1000+"."""

    def __str__(self) -> str:
        return f"{int(self)}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages over the first thousand rows; whoever looks for others narrows the list down."""

    @cached_property
    def count(self) -> int:
        """Return how many rows there are, or that there are more than are counted."""
        rows: Any = self.object_list
        found: int = rows.order_by().values("pk")[: COUNTED + 1].count()
        return found if found <= COUNTED else AtLeast(COUNTED)
