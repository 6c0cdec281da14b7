"""What is taken off a sale: judged against the seller's limit, spread over what is sold there and then."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.selectors import role_of
from common.actors import Actor
from common.errors import FieldError, Malformed
from common.money import CENT, MAX_MONEY, money
from common.text import one_line
from counter.errors import DiscountAboveLimit
from counter.pricing import NOTHING, spread, taken_off
from counter.services.commands import Discount
from counter.services.people import may
from shop.policy import Policy

FREELY = "counter.discount_freely"
REASON = "order.discounted"


@dataclass(frozen=True)
class Taken:
    """What is taken off: in all, and of each line."""

    amount: Decimal
    shares: tuple[Decimal, ...]


def limit_of(*, subtotal: Decimal, policy: Policy, actor: Actor) -> Decimal | None:
    """Return what the seller may take off at most; None: anything."""
    percent = _percent_of(policy=policy, actor=actor)
    return None if percent is None else money(subtotal * percent / 100)


def discount_on(*, discount: Discount | None, totals: Sequence[Decimal], policy: Policy, actor: Actor) -> Taken:
    """Return what a discount takes off lines that cost `totals`. Raises Malformed, DiscountAboveLimit."""
    if discount is None:
        return Taken(amount=NOTHING, shares=(NOTHING,) * len(totals))
    subtotal = sum(totals, NOTHING)
    _refuse_odd(discount)
    amount = taken_off(kind=discount.kind, value=discount.value, subtotal=subtotal)
    if amount > subtotal:
        told = _("No more can be taken off than the sale comes to.")
        raise Malformed(errors=[FieldError("/discount/value", "max_value", told)])
    percent = _percent_of(policy=policy, actor=actor)
    limit = None if percent is None else money(subtotal * percent / 100)
    if limit is not None and amount > limit:
        raise DiscountAboveLimit(percent=percent, limit=str(limit))
    return Taken(amount=amount, shares=tuple(spread(amount=amount, totals=totals)))


def _percent_of(*, policy: Policy, actor: Actor) -> int | None:
    """Return the share that the seller's role may take off; None: any. Who has no role of those has the counter's."""
    if may(actor=actor, permission=FREELY):
        return None
    limit = policy.limit_of(role=role_of(actor=actor), what="discount_percent")
    return policy.counter_discount_percent if limit is None else limit


def reason_of(*, discount: Discount | None) -> str:
    """Return what the order's history says of a discount."""
    return f"{REASON}: {one_line(discount.reason)}"[:500] if discount else ""


def _refuse_odd(discount: Discount) -> None:
    value, problems = discount.value, []
    most = Decimal(100) if discount.kind == "percent" else MAX_MONEY
    if discount.kind not in ("amount", "percent"):
        problems.append(FieldError("/discount/kind", "invalid_choice", _("Take off an amount or a share.")))
    if not value.is_finite() or not 0 < value <= most or value != value.quantize(CENT):
        told = _("A discount is more than nothing, at most all of it, and has two places at most.")
        problems.append(FieldError("/discount/value", "invalid", told))
    if not one_line(discount.reason):
        problems.append(FieldError("/discount/reason", "required", _("Say why something is taken off.")))
    if problems:
        raise Malformed(errors=problems)
