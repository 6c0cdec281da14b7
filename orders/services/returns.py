"""Units that come back after they were handed over."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from common.actors import Actor
from common.transactions import within_unit_of_work
from inventory import selectors as stock
from inventory import services as inventory
from inventory.services import Returning
from orders.amounts import price_of_units
from orders.errors import TooManyUnits
from orders.models import Order
from orders.services.fulfilments import Handover, named_lines


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
    """Return what the units handed back had cost, and put them on the shelf if `restock`.

    No more units of a line go back on the shelf than have left it.

    Raises Malformed (an unknown or repeated line), TooManyUnits.
    """
    lines = named_lines(order=order, handovers=handed_back)
    out = stock.units_out(claims=[line.claim for line, _quantity in lines])
    value = Decimal("0.00")
    returning = []
    for line, quantity in lines:
        most = out.get(line.claim, 0) if restock else line.quantity
        if quantity > most:
            raise TooManyUnits(line=str(line.public_id), left=most)
        value += price_of_units(line=line, quantity=quantity)
        returning.append(Returning(claim=line.claim, variant_id=line.variant_id, quantity=quantity))
    if restock and returning:
        inventory.restock(returning=returning, reference=reference, reason=order.number, actor=actor, now=now)
    return value
