"""What decides what is said about a visit, read in one statement."""

from datetime import datetime

from scheduling.lifecycle import effective_state
from scheduling.messages import VisitFacts
from scheduling.models import Appointment, AppointmentEvent
from scheduling.wording import change_until
from shop.policy import Policy


def facts_of(*, cause: str, appointment: Appointment, policy: Policy, now: datetime) -> VisitFacts:
    """Return everything that decides what is said about the visit; `cause` is the kind of message, or `STANDS`."""
    state = effective_state(state=appointment.state, expires_at=appointment.expires_at, now=now)
    last, before = _last_steps(appointment=appointment)
    written = state == appointment.state and last is not None
    return VisitFacts(
        cause=cause,
        state=state,
        was=last.from_state if last is not None and written else appointment.state,
        by_customer=last is not None and written and last.actor_kind in ("customer", "guest"),
        same_time=last is not None and before is not None and last.starts_at == before.starts_at,
        in_order=appointment.claim is not None,
        total=appointment.total,
        changeable=now <= change_until(appointment=appointment, policy=policy),
        awaits_click=appointment.awaits_click,
    )


def _last_steps(*, appointment: Appointment) -> tuple[AppointmentEvent | None, AppointmentEvent | None]:
    steps = list(AppointmentEvent.objects.filter(appointment=appointment).order_by("-seq")[:2])
    last, before = [*steps, None, None][:2]
    return last, before
