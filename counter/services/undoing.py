"""A sale that should not have been: taken back the same day, by who may, with a reason."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from common import outbox
from common.actors import Actor
from common.errors import FieldError, Forbidden, Malformed
from common.text import one_line
from common.use_cases import use_case
from counter.pricing import NOTHING
from counter.services.people import may
from orders import services as orders
from orders.selectors import Access
from payments import selectors as money
from payments import services as payments
from shop import services as shop

UNDO = "counter.undo_sale"


@dataclass(frozen=True)
class Undone:
    """A sale that was taken back: what went back, by tender or gateway, in the order it is given; tips beside it."""

    number: str
    amount: Decimal
    tips: Decimal
    parts: tuple[tuple[str, Decimal], ...]


@use_case(lease=orders.lease_of_order)
def undo_sale(*, number: str, reason: str, actor: Actor, now: datetime) -> Undone:
    """Take a sale of today back: its money by the tender it came, its goods on the shelf, its visits open again.

    An order from elsewhere that was paid along stays paid.

    Raises Forbidden, Malformed (no reason), NotFound, InvalidTransition (not sold at the counter, not today, undone
    already), SlotTaken, Busy.
    """
    if not may(actor=actor, permission=UNDO):
        raise Forbidden()
    why = one_line(reason)[:150]
    if not why:
        raise Malformed(errors=[FieldError("/reason", "required", _("Say why the sale is undone."))])
    order = orders.locked_order(number=number, access=Access(staff=True))
    orders.undo(order=order, reason=why, policy=shop.policy(), actor=actor, now=now)
    amount = money.refundable(order=order)
    parts: tuple[tuple[str, Decimal], ...] = ()
    if amount > 0:
        made = payments.give_back(order=order, amount=amount, reason=why, actor=actor, now=now)
        parts = tuple((one.tender or (one.payment.gateway if one.payment else ""), one.amount) for one in made.refunds)
    tips = payments.give_tips_back(order=order, actor=actor, now=now)
    outbox.wake()
    return Undone(number=order.number, tips=tips, amount=sum((part for _name, part in parts), NOTHING), parts=parts)
