"""The lines of an order as the desk shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cart.pricing import Visit
from catalog.units import shown_price, shown_quantity
from common.money import format_brl
from desk.shown import shown_window
from orders.models import OrderLine
from scheduling.selectors import ClaimedVisit
from scheduling.stranding import in_agenda


@dataclass(frozen=True)
class LineView:
    """An order line as the desk shows it; `left` are the units nobody has begun to prepare.

    `agenda` is the address of a visit that still counts, in the agenda.
    """

    line: OrderLine
    quantity: str
    unit_price: str
    discount: str
    total: str
    left: int
    out: int
    options: Sequence[str]
    visit: str
    agenda: str
    cancelled_at: datetime | None


def line_view(line: OrderLine, *, begun: int, out: int, visit: ClaimedVisit | None) -> LineView:
    """Return a line as the desk shows it; of `visit` it says where in the agenda it stands now."""
    return LineView(
        line=line,
        quantity=shown_quantity(quantity=line.quantity, unit=line.unit),
        unit_price=shown_price(format_brl(line.unit_price), unit=line.unit, price_per=line.price_per),
        discount=format_brl(line.discount) if line.discount else "",
        total=format_brl(line.line_total),
        left=line.quantity - begun if line.kind == "goods" else 0,
        out=max(out, 0),
        options=[value for _name, value in line.choices if value not in line.name],
        visit=_sold_for(line.visit),
        agenda=in_agenda(visit=str(visit.appointment)) if visit else "",
        cancelled_at=_cancelled_at(line),
    )


def _cancelled_at(line: OrderLine) -> datetime | None:
    """When a line was taken out of its order, if it was."""
    cancellation = getattr(line, "cancellation", None)
    return cancellation.at if cancellation else None


def _sold_for(visit: Visit | None) -> str:
    """Return when a visit was sold for, and with whom."""
    if visit is None:
        return ""
    return f"{shown_window(visit.starts_at, visit.ends_at)} · {visit.professional}"
