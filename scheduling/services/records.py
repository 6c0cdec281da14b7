"""Puts visits under the shop's records of their customers."""

from datetime import datetime

from django.db.models import Q

from common import sql
from common.transactions import locked
from common.use_cases import use_case
from customers import services as customers
from customers.services import Known
from scheduling.models import Appointment
from scheduling.models.appointments import UNKNOWN

_PUT = """
UPDATE scheduling_appointment SET record_id = known.record
FROM unnest(%(visits)s::bigint[], %(records)s::bigint[]) AS known(visit, record) WHERE id = known.visit
"""


@use_case()
def know_visitors(*, now: datetime, limit: int = customers.BATCH) -> int:
    """Put visits whose people nobody has looked at under a record, `limit` at most; return how many there were."""
    open_or_none = Q(customer__isnull=True) | Q(customer__anonymised_at__isnull=True)
    visits = list(locked(Appointment.objects.filter(UNKNOWN & open_or_none))[:limit])
    people = [
        Known(
            account=visit.customer_id,
            name=visit.contact_name,
            email=visit.contact_email,
            phone=visit.contact_phone,
            document="",
            since=visit.created_at,
        )
        for visit in visits
    ]
    records = customers.records_for(people=people, now=now)
    sql.execute(_PUT, {"visits": [visit.pk for visit in visits], "records": records})
    return len(visits)
