"""The rows behind a figure as the desk shows them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.units import shown_quantity
from desk.shown import shown_duration, shown_instant
from orders.models import Order
from reports.sections import shown, ways
from reports.selectors import Row
from scheduling.models import Appointment


def sees_names(*, kind: str, user: Any) -> bool:
    """Say whether somebody sees elsewhere whose the rows of a kind are."""
    return bool(user.has_perm("scheduling.view_appointment" if kind == "visits" else "orders.view_order"))


def row_shown(row: Row, *, kind: str, user: Any) -> dict[str, Any]:
    """Return a row in words, with the page it opens; names only for whoever may see them elsewhere."""
    sees = sees_names(kind=kind, user=user)
    link = ""
    if row.order is not None and sees:
        link = reverse("admin:orders_order_change", args=[row.order])
    elif row.visit is not None and sees:
        link = f"{reverse('agenda:page')}?visit={row.visit}"
    return {
        "at": shown_instant(row.at),
        "number": row.number or _("Visit"),
        "name": (row.name or _("No name")) if sees else "",
        "link": link,
        "detail": _detail(row, kind),
        "amount": shown(row.amount, "money"),
        "is_less": row.amount < 0,
    }


def _detail(row: Row, kind: str) -> str:
    if kind == "money":
        way = ways().get(row.by, row.by)
        return way if row.state == "true" else _("%(way)s, given back") % {"way": way}
    if kind == "visits":
        state = str(dict(Appointment.State.choices).get(row.state, row.state))
        return f"{row.by} · {shown_duration(row.quantity)} · {state}"
    channel = str(dict(Order.Channel.choices).get(row.state if kind == "product" else row.by, row.by))
    if kind == "product":
        return f"{shown_quantity(quantity=row.quantity, unit=row.by)} · {channel}"
    return f"{channel} · {dict(Order.Status.choices).get(row.state, row.state)}"
