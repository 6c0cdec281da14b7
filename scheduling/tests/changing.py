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


def reopen(visit: Appointment, *, now: datetime) -> Appointment:
    plain = selectors.appointment(public_id=visit.public_id)
    return run_unit_of_work(scheduling.reopen, plain=plain, policy=shop.policy(), actor=make.STAFF, now=now)
