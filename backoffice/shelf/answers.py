"""What the views of the shelf answer."""

from collections.abc import Sequence

from django.utils.translation import ngettext

from api.answers import Answer, to_keep
from backoffice.counter.items import ItemAnswer
from common.idempotency import StoredResponse
from inventory.models import CountedLine, StockMovement


class GoodsAnswer(Answer, frozen=True, kw_only=True):
    """Goods that go by a text."""

    items: list[ItemAnswer]


class ReceivedAnswer(Answer, frozen=True, kw_only=True):
    """A delivery that is on the shelf, in a sentence, and the SKUs it was of."""

    told: str
    skus: list[str]


def received(movements: Sequence[StockMovement]) -> StoredResponse:
    """Say what has been received."""
    count = len(movements)
    told = ngettext("%(count)d product received.", "%(count)d products received.", count) % {"count": count}
    skus = sorted(movement.stock_item.variant.sku for movement in movements)
    return to_keep(ReceivedAnswer(told=told, skus=skus), status=200)


class CountedAnswer(Answer, frozen=True, kw_only=True):
    """A line of a count. What should lie there is not said."""

    sku: str
    quantity: int
    version: int


def counted(line: CountedLine) -> CountedAnswer:
    """Say what has been written down."""
    return CountedAnswer(sku=line.stock_item.variant.sku, quantity=line.quantity, version=line.version)
