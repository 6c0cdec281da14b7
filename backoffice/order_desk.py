"""Everything the desk shows of one order, and the verbs that its state and the person's role allow.

Reading takes a fixed number of statements whatever the order holds. A verb is offered by the same
tables that the services judge by, so a button that is shown is refused only if somebody else was faster.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.order_lines import LineView, line_view
from catalog.units import counted
from common.money import format_brl
from desk.shown import name_actors, shown_instant, shown_window
from inventory import selectors as stock
from orders import selectors as orders
from orders.amounts import amount_due, given_back, payment_status, shown_total
from orders.lifecycle import HANDED_OVER, OPEN_STATUSES, TRANSITIONS, effective_status, fulfilment_verbs
from orders.models import Fulfilment, FulfilmentLine, Order, OrderEvent, OrderLine
from orders.wording import reason_text
from payments.gateways.registry import is_remote, shown_name
from payments.lifecycle import OWED
from payments.models import Payment, Refund

Text = str | Promise

STATUS_COLOURS = {
    "pending": "warning",
    "confirmed": "info",
    "completed": "success",
    "expired": "danger",
    "cancelled": "",
}
MONEY_COLOURS = {
    "unpaid": "warning",
    "partly_paid": "warning",
    "paid": "success",
    "partly_refunded": "info",
    "refunded": "",
}
MONEY_TEXTS: dict[str, Text] = {
    "unpaid": _("Unpaid"),
    "partly_paid": _("Partly paid"),
    "paid": _("Paid"),
    "partly_refunded": _("Partly given back"),
    "refunded": _("Given back"),
}
TOO_LATE = _(
    "Order %(number)s could not come back: somebody else has what it had. The money is written down; give it back."
)
FULFILMENT_COLOURS = {
    "open": "warning",
    "picked": "info",
    "ready": "success",
    "shipped": "success",
    "delivered": "success",
    "returned": "danger",
    "cancelled": "",
}
STEPS: dict[str, tuple[Text, str]] = {
    "pick": (_("It is prepared"), "package_2"),
    "ready": (_("It is ready: tell the customer"), "notifications_active"),
    "ship": (_("It was sent: tell the customer"), "local_shipping"),
    "deliver": (_("Hand over to the customer"), "check_circle"),
    "return": (_("It came back"), "undo"),
}
TAKES_MONEY = "payments.record_payment"
BEGUN = [status for status in Fulfilment.Status.values if status != "cancelled"]
GONE = {"shipped", "delivered"}


@dataclass(frozen=True)
class Verb:
    """A button: what it is called, whether a page asks first, and whether it takes the order further on its way."""

    name: str
    label: Text
    icon: str
    asks: bool = True
    danger: bool = False
    leads_on: bool = True


@dataclass(frozen=True)
class Parcel:
    """A fulfilment with its lines and the steps it can take."""

    fulfilment: Fulfilment
    rows: Sequence[FulfilmentLine]
    colour: str
    steps: Sequence[Verb]


@dataclass(frozen=True)
class OrderDesk:
    """One order, read."""

    order: Order
    status: str
    money_status: str
    lines: Sequence[LineView]
    events: Sequence[Any]
    parcels: Sequence[Parcel]
    payments: Sequence[Any]
    refunds: Sequence[Any]
    due: Decimal
    refundable: Decimal
    fee_if_late: Decimal
    all_delivered: bool
    visits_ahead: bool
    collected_now: bool

    @property
    def status_text(self) -> Text:
        """What the status is called."""
        return Order.Status(self.status).label

    @property
    def has_gone(self) -> bool:
        """Whether any of its goods have left the shop and not come back."""
        return any(parcel.fulfilment.status in GONE for parcel in self.parcels)

    @property
    def to_begin(self) -> list[LineView]:
        """The lines of which units are left to prepare."""
        return [row for row in self.lines if row.left > 0]


def read(*, order: Order, now: datetime) -> OrderDesk:
    """Read everything the desk shows of an order that was read with its contact and customer."""
    status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
    lines = list(OrderLine.objects.filter(order=order).select_related("cancellation"))
    fulfilments = list(orders.fulfilments_of(order=order))
    begun = _units(fulfilments, statuses=BEGUN)
    delivered = _units(fulfilments, statuses=HANDED_OVER)
    out = stock.units_out(claims=[line.claim for line in lines]) if fulfilments else {}
    events = [_event(event) for event in OrderEvent.objects.filter(order=order)]
    payments = list(Payment.objects.filter(order=order).order_by("pk"))
    refunds = list(Refund.objects.filter(order=order).order_by("pk"))
    name_actors([*events, *payments, *refunds])
    owed = sum((row.amount for row in refunds if row.status in OWED), Decimal(0))
    goods = [line for line in lines if line.kind == "goods"]
    kept = orders.visits_of(order=order, now=now) if len(goods) < len(lines) else []
    visits = {visit.claim: visit for visit in kept}
    return OrderDesk(
        order=order,
        status=status,
        money_status=payment_status(order=order),
        lines=[
            line_view(line, begun=begun.get(line.pk, 0), out=out.get(line.claim, 0), visit=visits.get(line.claim))
            for line in lines
        ],
        events=_with_silent_expiry(events, order=order, status=status),
        parcels=[_parcel(fulfilment, order=order) for fulfilment in fulfilments],
        payments=payments,
        refunds=refunds,
        due=amount_due(order=order),
        refundable=given_back(order=order, owed=owed),
        fee_if_late=orders.late_fee(order=order, now=now),
        all_delivered=all(delivered.get(line.pk, 0) >= line.quantity for line in goods),
        visits_ahead=orders.any_ahead(visits=kept),
        collected_now=order.pickup_starts_at is not None and order.pickup_starts_at <= now,
    )


Way = tuple[bool, str, Verb]
"""Whether a verb can be done now, the permission it takes, and the verb."""


def verbs(*, desk: OrderDesk, may: Callable[[str], bool]) -> list[Verb]:
    """Return the verbs of the order that its state allows and `may` (a permission) lets the person use.

    The first one is the most likely next step.
    """
    pickup = desk.order.fulfilment_method == Order.FulfilmentMethod.PICKUP
    hand_over = (
        desk.status == Order.Status.CONFIRMED and pickup and not desk.all_delivered,
        "orders.fulfil_order",
        Verb("hand_over", _("Hand over to the customer"), "shopping_bag", asks=desk.due > 0 and may(TAKES_MONEY)),
    )
    at_the_counter = desk.collected_now or any(one.fulfilment.status == "ready" for one in desk.parcels)
    first, then = ([hand_over], []) if at_the_counter else ([], [hand_over])
    possible = [*first, *_before_handing_over(desk), *then, *_after_handing_over(desk), *_asides(desk)]
    return [verb for holds, permission, verb in possible if holds and may(permission)]


def _before_handing_over(desk: OrderDesk) -> list[Way]:
    return [
        (
            "confirmed" in TRANSITIONS[desk.status] and desk.due > 0,
            "orders.confirm_order",
            Verb("confirm", _("The money arrived"), "payments"),
        ),
        (
            desk.status == Order.Status.CONFIRMED and bool(desk.to_begin),
            "orders.fulfil_order",
            Verb("prepare", _("Prepare everything"), "skillet", asks=False),
        ),
    ]


def _after_handing_over(desk: OrderDesk) -> list[Way]:
    confirmed = desk.status == Order.Status.CONFIRMED
    return [
        (
            confirmed and desk.due > 0,
            "payments.record_payment",
            Verb("receive", _("Receive at the counter"), "point_of_sale"),
        ),
        (
            confirmed and desk.all_delivered and not desk.visits_ahead and desk.due == 0,
            "orders.fulfil_order",
            Verb("complete", _("Complete the order"), "task_alt", asks=False),
        ),
    ]


def _asides(desk: OrderDesk) -> list[Way]:
    """Return what changes the course of an order, or ends it."""
    return [
        (
            desk.status in OPEN_STATUSES and bool(desk.order.pickup_starts_at) and not desk.has_gone,
            "orders.fulfil_order",
            Verb("move_pickup", _("Move the pickup"), "event_repeat", leads_on=False),
        ),
        (
            desk.refundable > 0,
            "payments.refund_payment",
            Verb("refund", _("Give money back"), "currency_exchange", leads_on=False),
        ),
        (
            desk.order.late_fee > 0,
            "orders.waive_fee",
            Verb("waive_fee", _("Waive the fee"), "money_off", leads_on=False),
        ),
        (
            "cancelled" in TRANSITIONS[desk.status] and not desk.has_gone,
            "orders.cancel_order",
            Verb("cancel", _("Cancel the order"), "cancel", danger=True, leads_on=False),
        ),
    ]


def to_hand_over(desk: OrderDesk) -> str:
    """Return in one line what is still in the shop for the customer."""
    gone = {
        row.line_id: row.quantity
        for parcel in desk.parcels
        if parcel.fulfilment.status in HANDED_OVER
        for row in parcel.rows
    }
    here = [row.line for row in desk.lines if row.line.kind == "goods" and row.cancelled_at is None]
    rows = [(line, line.quantity - gone.get(line.pk, 0)) for line in here]
    left = [(line, units) for line, units in rows if units > 0]
    return ", ".join(counted(quantity=units, unit=line.unit, name=line.name, sign="×") for line, units in left)


def pickup(order: Order) -> str:
    """Return the pickup window of an order."""
    return shown_window(order.pickup_starts_at, order.pickup_ends_at)


def facts(desk: OrderDesk) -> list[tuple[str, str]]:
    """Return what somebody who is asked about an order should see."""
    rows = [
        (gettext("Order number"), desk.order.number),
        (gettext("Customer"), desk.order.contact.shown_name),
        (gettext("Total"), format_brl(shown_total(order=desk.order))),
    ]
    return [*rows, (gettext("Still to be paid"), format_brl(desk.due))] if desk.due > 0 else rows


def figures(desk: OrderDesk) -> list[tuple[Text, str]]:
    """Return what leads to the total, from what was agreed to what it costs now."""
    order = desk.order
    rows: list[tuple[Text, str]] = [(_("Subtotal"), format_brl(order.subtotal))]
    if order.discount:
        rows.append((_("Discount"), f"- {format_brl(order.discount)}"))
    if order.shipping:
        rows.append((_("Delivery"), format_brl(order.shipping)))
    if order.cancelled:
        rows.append((_("Agreed"), format_brl(order.total)))
        rows.append((_("Called off since"), f"- {format_brl(order.cancelled)}"))
    if order.late_fee:
        rows.append((_("Fee kept for it"), format_brl(order.late_fee)))
    return rows


def address_lines(address: dict[str, str] | None) -> list[str]:
    """Return an address as an envelope shows it."""
    if not address:
        return []
    street = ", ".join(filter(None, [address.get("street"), address.get("number"), address.get("complement")]))
    place = " - ".join(filter(None, [address.get("district"), address.get("city"), address.get("state")]))
    return [line for line in (street, place, address.get("postal_code", "")) if line]


def _parcel(fulfilment: Fulfilment, *, order: Order) -> Parcel:
    names: list[str] = []
    if order.status in (Order.Status.CONFIRMED, Order.Status.COMPLETED):
        possible = fulfilment_verbs(method=order.fulfilment_method, status=fulfilment.status)
        names = [name for name in STEPS if name in possible]
    return Parcel(
        fulfilment=fulfilment,
        rows=list(fulfilment.lines.all()),
        colour=FULFILMENT_COLOURS[fulfilment.status],
        steps=[Verb(name, STEPS[name][0], STEPS[name][1], asks=False, danger=name == "return") for name in names],
    )


def _units(fulfilments: Sequence[Fulfilment], *, statuses: Sequence[str]) -> dict[int, int]:
    units: dict[int, int] = {}
    for fulfilment in fulfilments:
        if fulfilment.status in statuses:
            for row in fulfilment.lines.all():
                units[row.line_id] = units.get(row.line_id, 0) + row.quantity
    return units


def _event(event: OrderEvent) -> Any:
    row: Any = event
    row.text = Order.Status(event.to_status).label if event.from_status else _("Order placed")
    if event.pickup_at is not None:
        row.text = gettext("Pickup moved to %(when)s") % {"when": shown_instant(event.pickup_at)}
    row.reason_text = reason_text(reason=event.reason)
    row.colour = STATUS_COLOURS[event.to_status]
    return row


def _with_silent_expiry(events: list[Any], *, order: Order, status: str) -> list[Any]:
    """Return an expiry that nobody has written down yet is part of the history."""
    if status == order.status or order.expires_at is None:
        return events
    silent = OrderEvent(
        order=order, from_status=order.status, to_status=status, actor_kind="system", reason="", at=order.expires_at
    )
    name_actors([silent])
    return [*events, _event(silent)]


def came_through(desk: OrderDesk) -> str:
    """Return the payment services that the order's money came by, in words; empty where people took all of it."""
    came = [row.gateway for row in desk.payments if row.status == Payment.Status.SUCCEEDED]
    return ", ".join(sorted({shown_name(name) for name in came if is_remote(name)}))
