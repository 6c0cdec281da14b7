"""What the shelf's pages send."""

from typing import Annotated

from api.bodies import Body
from api.kinds import Many, Quantity, Sku, TextLine, Whole
from inventory.answers import MAX_ADJUSTMENT
from inventory.services import Arrived

MAX_LINES = 300
MAX_VERSION = 1_000_000


class ArrivedRequest(Body, frozen=True, kw_only=True):
    """So many of a SKU, in its unit."""

    sku: Annotated[str, Sku()]
    quantity: Annotated[int, Quantity(MAX_ADJUSTMENT)]


class ReceiveRequest(Body, frozen=True, kw_only=True):
    """A delivery: what arrived, from whom, and its paper."""

    lines: Annotated[list[ArrivedRequest], Many(MAX_LINES, least=1)]
    supplier: Annotated[str, TextLine(80, blank=True)] = ""
    note: Annotated[str, TextLine(100, blank=True)] = ""

    @property
    def arrived(self) -> list[Arrived]:
        """What arrived, as the stock's rules know it."""
        return [Arrived(sku=one.sku, quantity=one.quantity) for one in self.lines]


class CountedRequest(Body, frozen=True, kw_only=True):
    """How many of a SKU were found. `seen`: the version of the line as it was looked at, 0 for none."""

    sku: Annotated[str, Sku()]
    quantity: Annotated[int, Whole(0, MAX_ADJUSTMENT)]
    seen: Annotated[int, Whole(0, MAX_VERSION)]


class LeftRequest(Body, frozen=True, kw_only=True):
    """What is not counted after all."""

    sku: Annotated[str, Sku()]
