"""What stands in the ledger, and what should stand there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Q, Sum

from commissions.earning import Account, Key, Share, earned
from commissions.models import CommissionEntry, CommissionRule
from commissions.selectors.accounts import Reading, all_terms
from common.models import OutboxMessage
from orders.models import Order, OrderLine
from payments.models import Payment, Refund

CHUNK = 500


@dataclass(frozen=True)
class Difference:
    """A piece of an order of which the ledger says something else than the order does.

    `order_id` and `order` name the order; `is_known`: whether the ledger has an entry of it.
    """

    order_id: int
    order: str
    key: Key
    written: Share
    due: Share
    is_known: bool


def any_rules() -> bool:
    """Say whether anybody has ever earned a commission here; without a rule nothing has to be looked at."""
    return CommissionRule.objects.exists()


def written(*, orders: Iterable[int]) -> dict[int, dict[Key, Share]]:
    """Return what the ledger says in all, by order and by what is earned apart."""
    rows = (
        CommissionEntry.objects.filter(line__order__in=list(orders))
        .values("line__order", "line", "position", "professional", "rule")
        .annotate(base_sum=Sum("base"), amount_sum=Sum("amount"))
        .order_by("line", "position")
    )
    found: dict[int, dict[Key, Share]] = {}
    for row in rows:
        key = Key(row["line"], row["position"], row["professional"], row["rule"])
        found.setdefault(row["line__order"], {})[key] = Share(base=row["base_sum"], amount=row["amount_sum"])
    return found


def differences() -> Iterator[Difference]:
    """Compare the whole ledger with what is earned of the orders; nothing is written.

    An order of which the ledger has still to hear something is left out.
    """
    rules = all_terms()
    if not rules:
        return
    waiting = _untold()
    first = min(rule.starts_at for rule in rules)
    paid = Payment.objects.filter(status=Payment.Status.SUCCEEDED, received_at__gte=first)
    touched = Order.objects.filter(
        Q(pk__in=paid.values("order"))
        | Q(pk__in=CommissionEntry.objects.values("line__order"))
        | Q(total=0, placed_at__gte=first)
    ).order_by("pk")
    last = 0
    while chunk := list(touched.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        reading, there = Reading([order.pk for order in chunk]), written(orders=[order.pk for order in chunk])
        for order in chunk:
            account = None if order.pk in waiting else _readable(reading, order)
            if account is None:
                continue
            stands = there.get(order.pk, {})
            due = earned(account=account, rules=rules, written=stands)
            for key in sorted(due.keys() | stands.keys(), key=lambda one: (one.line, one.position, one.rule)):
                if due.get(key, Share()) != stands.get(key, Share()):
                    yield Difference(
                        order_id=order.pk,
                        order=order.number,
                        key=key,
                        written=stands.get(key, Share()),
                        due=due.get(key, Share()),
                        is_known=key in stands,
                    )


def _readable(reading: Reading, order: Order) -> Account | None:
    """Return the order as it is reckoned with; None where its snapshot is broken, which its digest tells."""
    try:
        return reading.account(order)
    except (KeyError, TypeError, ValueError):
        return None


def _untold() -> set[int]:
    """Return the orders of which an event for the ledger still waits in the outbox."""
    told = OutboxMessage.objects.filter(
        handler__startswith="commissions.services.", done_at__isnull=True, dead_at__isnull=True
    )
    names: dict[str, list[str]] = {"order": [], "payment": [], "refund": [], "claim": []}
    for payload in told.values_list("payload", flat=True):
        for kind, known in names.items():
            if payload.get(kind):
                known.append(payload[kind])
    found = set(Order.objects.filter(number__in=names["order"]).values_list("pk", flat=True))
    found |= set(Payment.objects.filter(public_id__in=names["payment"]).values_list("order", flat=True))
    found |= set(Refund.objects.filter(public_id__in=names["refund"]).values_list("order", flat=True))
    return found | set(OrderLine.objects.filter(claim__in=names["claim"]).values_list("order", flat=True))
