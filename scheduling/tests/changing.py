"""The changes of a visit, as a test asks for them."""

from datetime import datetime
from typing import Any

from common.transactions import run_unit_of_work
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY
from shop import services as shop


def cancel(visit: Appointment, *, now: datetime = MONDAY, **options: Any) -> Appointment:
    return scheduling.cancel(public_id=visit.public_id, **{"actor": make.GUEST, "now": now, **options})


def reschedule(visit: Appointment, starts_at: datetime, *, now: datetime = MONDAY, **options: Any) -> Appointment:
    return scheduling.reschedule(
        public_id=visit.public_id, starts_at=starts_at, **{"actor": make.GUEST, "now": now, **options}
    )


def swap(visit: Appointment, other: Appointment, *, now: datetime = MONDAY, **options: Any) -> list[Appointment]:
    """Let two visits change places, the other of which was seen where it is as it is given."""
    seen = {"starts_at": other.starts_at, "professional": other.professional.public_id}
    asked = {"actor": make.STAFF, "now": now, **seen, **options}
    return list(scheduling.swap(first=visit.public_id, second=other.public_id, **asked))


def reopen(visit: Appointment, *, now: datetime) -> Appointment:
    plain = selectors.appointment(public_id=visit.public_id)
    return run_unit_of_work(scheduling.reopen, plain=plain, policy=shop.policy(), actor=make.STAFF, now=now)
