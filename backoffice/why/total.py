"""Why an order comes to what it does: what was sold and agreed, what was paid, what went back, what is left.

Everything is read from what was kept when it happened; nobody's price of today has a part in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice import order_desk
from backoffice.order_desk import OrderDesk
from backoffice.order_lines import LineView
from catalog.units import Unit, cost
from common import clock
from common.money import format_brl
from desk.pages import page_response, require
from desk.shown import name_actors, shown_instant
from orders.amounts import current_total, net_paid
from orders.models import Order
from orders.wording import reason_text
from payments.forms import reason_text as refund_reason
from payments.lifecycle import OWED
from payments.models import Payment, Refund, Tip


@dataclass(frozen=True)
class Step:
    """A step of the sum: what it is, its amount with its sign, and what explains it."""

    what: str
    amount: str
    why: Sequence[str] = ()
    is_sum: bool = False
    is_gone: bool = False


@require_GET
def total_page(request: HttpRequest, number: str) -> HttpResponse:
    """Show how the total of an order came about, from the lines to what is left to pay."""
    require(request, "orders.view_order")
    order = Order.objects.select_related("contact", "customer").filter(number=number).first()
    if order is None:
        raise Http404
    desk = order_desk.read(order=order, now=clock.now())
    tips = list(Tip.objects.filter(order=order).select_related("professional").order_by("pk"))
    context = {
        "title": _("Why this total?"),
        "name": _("Order %(number)s") % {"number": order.number},
        "at": shown_instant(order.placed_at),
        "parts": [
            (_("What was sold"), _sold(desk), _("With the prices of that moment; today's have no part in it.")),
            (_("What it costs"), _costs(desk), ""),
            (_("What was paid"), _paid(desk), ""),
            *([(_("Tips"), _tips(tips), _("Beside the total: they are the professionals'."))] if tips else []),
            (_("What is left"), _left(desk), ""),
        ],
        "back": reverse("admin:orders_order_change", args=[order.pk]),
    }
    return page_response(request, "backoffice/why/total.html", context)


def _sold(desk: OrderDesk) -> list[Step]:
    return [
        Step(
            what=row.line.name, amount=format_brl(_gross(row)), why=_reckoned(row), is_gone=row.cancelled_at is not None
        )
        for row in desk.lines
    ]


def _gross(row: LineView) -> Decimal:
    """Return what a line cost before anything was taken off it."""
    gross: Decimal = row.line.line_total + row.line.discount
    return gross


def _reckoned(row: LineView) -> list[str]:
    """Return how the price of a line came about."""
    line, told = row.line, []
    if line.kind == "goods":
        sum_ = {"quantity": row.quantity, "price": row.unit_price, "sum": format_brl(_gross(row))}
        told.append(_("%(quantity)s × %(price)s = %(sum)s") % sum_)
    elif line.visit is not None:
        told += [f"{one.name}: {format_brl(one.price)}" for one in line.visit.services]
        told.append(row.visit)
    exact = line.unit_price * line.quantity / line.price_per
    if line.unit != Unit.PIECE and exact != cost(
        price=line.unit_price, quantity=line.quantity, price_per=line.price_per
    ):
        shown = f"R$ {exact.normalize():f}".replace(".", ",")
        told.append(_("%(exact)s, rounded once to the cent") % {"exact": shown})
    if line.discount:
        told.append(_("Its part of the discount: %(amount)s") % {"amount": format_brl(line.discount)})
    if row.cancelled_at is not None:
        told.append(_("Called off on %(when)s") % {"when": shown_instant(row.cancelled_at)})
    return told


def _costs(desk: OrderDesk) -> list[Step]:
    """Return what leads from the lines to what the order costs now."""
    order = desk.order
    steps = [Step(what=_("Sum of the lines"), amount=format_brl(order.subtotal))]
    if order.discount:
        steps.append(Step(what=_("Discount"), amount=_less(order.discount), why=_discounted(desk)))
    if order.shipping:
        steps.append(Step(what=_("Delivery"), amount=format_brl(order.shipping)))
    if order.cancelled:
        steps.append(Step(what=_("Agreed"), amount=format_brl(order.total), is_sum=True))
        steps.append(Step(what=_("Called off since"), amount=_less(order.cancelled)))
    if order.late_fee:
        told = [_("Agreed when ordering, for what is called off late.")]
        steps.append(Step(what=_("Fee kept for it"), amount=format_brl(order.late_fee), why=told))
    return [*steps, Step(what=_("Total"), amount=format_brl(current_total(order=order)), is_sum=True)]


def _discounted(desk: OrderDesk) -> list[str]:
    """Return who took something off, when and why."""
    placed = next(iter(desk.events), None)
    if placed is None:
        return []
    why = reason_text(reason=placed.reason) if placed.reason.startswith("order.discounted") else ""
    return [text for text in (why, f"{placed.actor_name} · {shown_instant(placed.at)}") if text]


def _paid(desk: OrderDesk) -> list[Step]:
    """Return what came and went back, and what is kept of it."""
    order = desk.order
    steps = []
    if 0 < order.amount_due_now < order.total:
        asked = [_("What had to be paid before it was confirmed.")]
        steps.append(Step(what=_("Deposit asked"), amount=f"({format_brl(order.amount_due_now)})", why=asked))
    steps += [_payment(row) for row in desk.payments if row.status == Payment.Status.SUCCEEDED]
    steps += [_refund(row) for row in desk.refunds if row.status == Refund.Status.SUCCEEDED]
    return [*steps, Step(what=_("Kept of it"), amount=format_brl(net_paid(order=order)), is_sum=True)]


def _payment(row: Payment) -> Step:
    told = [f"{shown_instant(row.received_at or row.created_at)} · {row.actor_name}"]  # type: ignore[attr-defined]
    if row.reference:
        told.append(row.reference)
    return Step(what=str(row.get_tender_display() or row.get_method_display()), amount=format_brl(row.amount), why=told)


def _refund(row: Refund) -> Step:
    told = [
        refund_reason(reason=row.reason),
        f"{shown_instant(row.returned_at or row.created_at)} · {row.actor_name}",  # type: ignore[attr-defined]
    ]
    return Step(what=_("Given back"), amount=_less(row.amount), why=told)


def _tips(tips: Sequence[Tip]) -> list[Step]:
    name_actors(tips)
    return [
        Step(
            what=tip.professional.name,
            amount=format_brl(tip.amount) if tip.amount > 0 else _less(-tip.amount),
            why=[f"{tip.get_tender_display()} · {shown_instant(tip.at)} · {tip.actor_name}"],  # type: ignore[attr-defined]
        )
        for tip in tips
    ]


def _left(desk: OrderDesk) -> list[Step]:
    """Return what is still to be paid, or to be given back."""
    order = desk.order
    steps = [
        Step(what=_("Total"), amount=format_brl(current_total(order=order))),
        Step(what=_("Kept of what was paid"), amount=_less(net_paid(order=order))),
    ]
    owed = sum((row.amount for row in desk.refunds if row.status in OWED), Decimal(0))
    if owed:
        steps.append(Step(what=_("Still to be given back"), amount=format_brl(owed)))
    return [*steps, Step(what=_("Still to be paid"), amount=format_brl(desk.due), is_sum=True)]


def _less(amount: Decimal) -> str:
    return f"- {format_brl(amount)}"
