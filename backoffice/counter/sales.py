"""What was sold at the counter today, as the page lists it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from api.answers import Answer, InstantText, instant
from backoffice.counter.people import UNDOES
from counter.models import Receipt
from desk.shown import day_bounds
from orders.models import Order, OrderLine

SHOWN = 100


class SaleRow(Answer, frozen=True, kw_only=True):
    """A sale of today. `receipt`: where it is printed, `why`: where its total is explained."""

    number: str
    at: InstantText
    total: Decimal
    name: str
    summary: str
    undone: bool
    may_undo: bool
    receipt: str
    why: str


class SalesAnswer(Answer, frozen=True, kw_only=True):
    """The sales of today, the latest first."""

    sales: list[SaleRow]


class UndoneAnswer(Answer, frozen=True, kw_only=True):
    """A sale that was undone, and how much went back, tips beside it."""

    number: str
    amount: Decimal
    tips: Decimal


def sales_answer(*, may: Callable[[str], bool], now: datetime) -> SalesAnswer:
    """Return the latest sales of the shop's day; two statements. `may`: whether the person has a permission."""
    begins, ends = day_bounds(now)
    lines = Prefetch("order__lines", queryset=OrderLine.objects.select_related("cancellation"))
    of_today = Receipt.objects.filter(at__gte=begins, at__lt=ends).select_related("order__contact")
    receipts = of_today.prefetch_related(lines).order_by("-pk")[:SHOWN]
    return SalesAnswer(sales=[_row(one, may_undo=may(UNDOES)) for one in receipts])


def _row(receipt: Receipt, *, may_undo: bool) -> SaleRow:
    order, lines = receipt.order, list(receipt.order.lines.all())
    undone = all(line.called_off for line in lines)
    return SaleRow(
        number=order.number,
        at=instant(timezone.localtime(receipt.at)),
        total=order.total,
        name=order.contact.name,
        summary=", ".join(line.words for line in lines),
        undone=undone,
        may_undo=may_undo and not undone and order.channel == Order.Channel.COUNTER,
        receipt=reverse("counter:receipt", args=[order.number]),
        why=reverse("why:total", args=[order.number]),
    )
