"""Booking directly: a visit without a cart, paid at the counter."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Forbidden
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from scheduling.errors import DepositRequired
from scheduling.models import Appointment, Professional
from scheduling.selectors import Access, Visit
from scheduling.services import bounds, history
from scheduling.services.taking import Booker, Candidate, Wish, lease_of, past_reason, take, with_professional
from shop.deadlines import click_deadline, request_deadline

_REQUESTED = Appointment.State.REQUESTED.value


@dataclass(frozen=True)
class Booked:
    """A visit that was just booked, and with whom and for what."""

    appointment: Appointment
    candidate: Candidate


def book(
    *,
    wish: Wish,
    booker: Booker,
    actor: Actor,
    now: datetime,
    force: str = "",
    reason: str = "",
    access: Access | None = None,
) -> Booked:
    """Book the visit and return it, or change nothing.

    Services that the shop confirms make it a request, which occupies the time until the shop answers or
    `request_hours` have passed; where the shop asks strangers for a click, theirs waits until the link in its letter is
    followed, and for `booking_click_minutes` at most. `force`: the reason for which the team books time that is not
    free; only staff may. `reason`: why the team books a time that has passed. `access`: with whom the caller may book,
    anybody or themselves; without, the caller is trusted.

    Raises UnknownSku, NotForSale, SlotTaken (with alternatives), SlotUnavailable, DepositRequired, TooManyHolds (as
    many as one person may book directly in a day), Busy, Forbidden (also for somebody the shop has blocked).
    """
    if force and actor.kind != "staff":
        raise Forbidden()
    _refuse_others(wish=wish, access=access)
    past = past_reason(actor=actor, reason=reason)
    attempt = partial(_book, booker=booker, actor=actor, now=now, force=force, past=past)
    return with_professional(wish=wish, actor=actor, now=now, attempt=attempt)


def _refuse_others(*, wish: Wish, access: Access | None) -> None:
    """Refuse whoever may book with themselves alone another professional, and whoever is free. Raises Forbidden."""
    if access is None or access.manages:
        return
    person = Professional.objects.filter(public_id=wish.professional).first() if wish.professional else None
    if not access.changes(professional=person):
        raise Forbidden()


def booked_state(*, visit: Visit, desk: bool) -> str:
    """Return the state a new booking is in: the desk's own needs nobody's answer."""
    if visit.requires_confirmation and not desk:
        return _REQUESTED
    return Appointment.State.CONFIRMED.value


def _refuse_unpaid(*, candidate: Candidate) -> None:
    """Refuse a customer's visit that asks a deposit: a cart can be ordered with it, a direct booking cannot."""
    deposit = candidate.deposit
    if deposit > 0 and not candidate.desk:
        methods = [method for method in candidate.policy.payment_methods if method != "on_site"]
        raise DepositRequired(amount=str(deposit), methods=methods)


@within_unit_of_work
def seat(
    *, candidate: Candidate, claim: UUID, booker: Booker, actor: Actor, now: datetime, force: str = ""
) -> Appointment:
    """Write down, under a claim, a visit that begins now with somebody who came without an appointment.

    The caller holds the lease of the candidate's time. Raises SlotTaken, SlotUnavailable, Forbidden.
    """
    if force and actor.kind != "staff":
        raise Forbidden()
    return take(
        candidate=candidate,
        booker=booker,
        state=Appointment.State.CONFIRMED.value,
        expires_at=None,
        claim=claim,
        actor=actor,
        now=now,
        force=force,
        past=past_reason(actor=actor, reason=_("Came without an appointment")),
    )


@use_case(lease=lease_of)
def _book(candidate: Candidate, *, booker: Booker, actor: Actor, now: datetime, force: str, past: str) -> Booked:
    """Book the visit with one professional."""
    _refuse_unpaid(candidate=candidate)
    if not candidate.desk:
        bounds.judge_booker(candidate=candidate, booker=booker, now=now)
    awaits_click = bounds.asks_click(candidate=candidate, booker=booker)
    state = _REQUESTED if awaits_click else booked_state(visit=candidate.visit, desk=candidate.desk)
    requested = state == _REQUESTED
    deadline = click_deadline if awaits_click else request_deadline
    appointment = take(
        candidate=candidate,
        booker=booker,
        state=state,
        expires_at=deadline(policy=candidate.policy, first=candidate.starts_at, now=now) if requested else None,
        claim=None,
        actor=actor,
        now=now,
        force=force,
        past=past,
        awaits_click=awaits_click,
    )
    asked = "appointment.click_asked" if awaits_click else "appointment.requested"
    name = asked if requested else "appointment.booked"
    history.announce(name=name, appointment=appointment, now=now)
    return Booked(appointment=appointment, candidate=candidate)
