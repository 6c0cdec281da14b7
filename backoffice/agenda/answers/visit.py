"""One visit, and what may be done with it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from api.answers import Answer
from backoffice.agenda.answers.shared import PersonResponse, wall
from backoffice.agenda.people import AgendaPermissions
from common.actors import Actor
from common.errors import Malformed
from common.money import format_brl
from desk.shown import shown_phone, shown_window
from orders import selectors as orders
from orders.amounts import NOTHING, amount_due
from orders.models import Order
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.lifecycle import MOVABLE, TRANSITIONS, effective_state
from scheduling.models import Appointment
from scheduling.wording import reminder_url, state_name
from shop.policy import Policy


class ServiceLine(Answer, frozen=True, kw_only=True):
    """A service of a visit."""

    name: str
    minutes: int
    price: str


class DueResponse(Answer, frozen=True, kw_only=True):
    """What is still to be paid, and whether the visit has begun."""

    amount: Decimal
    text: str
    begun: bool


class OrderLink(Answer, frozen=True, kw_only=True):
    """The order that holds a visit."""

    number: str
    page: str


class MayResponse(Answer, frozen=True, kw_only=True):
    """What the person may do with a visit now."""

    accept: bool
    complete: bool
    no_show: bool
    reopen: bool
    charge: bool
    move: bool
    cancel: bool


class ReasonResponse(Answer, frozen=True, kw_only=True):
    """For which changes the person has to say why, because the customer could no longer make them."""

    move: bool
    cancel: bool


class DetailsResponse(Answer, frozen=True, kw_only=True):
    """Everything about one visit."""

    id: UUID
    state: str
    state_text: str
    name: str
    when: str
    starts_at: str
    professional: PersonResponse
    room: str
    phone: str
    email: str
    note: str
    forced_reason: str
    services: list[ServiceLine]
    total: str
    due: DueResponse
    written_to: bool
    whatsapp: str | None
    page: str
    order: OrderLink | None
    may: MayResponse
    needs_reason: ReasonResponse


def details_answer(
    *, visit: Appointment, permissions: AgendaPermissions, actor: Actor, policy: Policy, now: datetime
) -> DetailsResponse:
    """Return everything about one visit, and what the person may do with it now."""
    state = effective_state(state=visit.state, expires_at=visit.expires_at, now=now)
    line = orders.line_of_claim(claim=str(visit.claim)) if visit.claim and permissions.sees_orders else None
    begun = visit.starts_at <= now
    changes = permissions.access.changes(professional=visit.professional)
    due = _due(visit=visit, order=line.order if line else None)
    refusals = scheduling.refusals(appointment=visit, policy=policy, actor=actor, now=now)
    return DetailsResponse(
        id=visit.public_id,
        state=state,
        state_text=state_name(appointment=visit, now=now),
        name=visit.shown_name,
        when=shown_window(visit.starts_at, visit.ends_at),
        starts_at=wall(visit.starts_at, ZoneInfo(policy.timezone)),
        professional=PersonResponse(id=visit.professional.public_id, name=visit.professional.name),
        room=visit.room.name if visit.room else "",
        phone=shown_phone(visit.contact_phone) if visit.contact_phone else "",
        email=visit.contact_email,
        note=visit.note,
        forced_reason=visit.forced_reason,
        services=[
            ServiceLine(name=one.name, minutes=one.duration_minutes, price=format_brl(one.price))
            for one in visit.services.all()
        ],
        total=format_brl(visit.total),
        due=DueResponse(amount=due, text=format_brl(due), begun=begun),
        written_to=bool(visit.contact_email),
        whatsapp=reminder_url(appointment=visit, policy=policy) if state == Appointment.State.CONFIRMED else None,
        page=reverse("admin:scheduling_appointment_change", args=[visit.pk]),
        order=OrderLink(number=line.order.number, page=reverse("admin:orders_order_change", args=[line.order.pk]))
        if line
        else None,
        may=MayResponse(
            accept=changes and state == Appointment.State.REQUESTED and not visit.awaits_click,
            complete=state == Appointment.State.CONFIRMED and begun,
            no_show=state == Appointment.State.CONFIRMED and begun,
            reopen=selectors.closed_today(visit=visit, policy=policy, now=now),
            charge=permissions.charges
            and due > 0
            and state in (Appointment.State.CONFIRMED, Appointment.State.COMPLETED),
            move=changes and state in MOVABLE,
            cancel=changes and "cancelled" in TRANSITIONS[state],
        ),
        needs_reason=ReasonResponse(
            move=isinstance(refusals.get("move"), Malformed), cancel=isinstance(refusals.get("cancel"), Malformed)
        ),
    )


def _due(*, visit: Appointment, order: Order | None) -> Decimal:
    """Return what is still to be paid at the counter for a visit, or for the whole order it is in."""
    if order is None:
        total: Decimal = visit.total
        return total
    return NOTHING if order.status == Order.Status.PENDING else amount_due(order=order)
