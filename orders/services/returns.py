"""Units that come back after they were handed over."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from common.actors import Actor
from common.errors import FieldError, Malformed
from common.money import money
from common.transactions import within_unit_of_work
from inventory import selectors as stock
from inventory import services as inventory
from inventory.services import Returning
from orders import selectors
from orders.errors import TooManyUnits
from orders.models import Order
from orders.services.fulfilments import Handover


@within_unit_of_work
def take_back(
    *,
    order: Order,
    handed_back: Sequence[Handover],
    restock: bool,
    reference: str,
    actor: Actor,
    now: datetime,
) -> Decimal:
    """Will return what the units handed back had cost, and put them on the shelf if `restock`.

    No more units of a line go back on the shelf than have left it.

    Raises Malformed (an unknown line), TooManyUnits.
    """
    goods = {line.public_id: line for line in selectors.goods_of(order=order)}
    out = stock.units_out(claims=[line.claim for line in goods.values()])
    value = Decimal("0.00")
    returning = []
    for position, back in enumerate(handed_back):
        line = goods.get(back.line)
        if line is None:
            raise Malformed(errors=[FieldError(pointer=f"/lines/{position}/line", code="unknown", detail="unknown")])
        most = out.get(line.claim, 0) if restock else line.quantity
        if back.quantity > most:
            raise TooManyUnits(line=str(back.line), left=most)
        value += money(line.line_total * back.quantity / line.quantity)
        returning.append(Returning(claim=line.claim, variant_id=line.variant_id, quantity=back.quantity))
    if restock and returning:
        inventory.restock(returning=returning, reference=reference, reason=order.number, actor=actor, now=now)
    return value
