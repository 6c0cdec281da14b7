"""Puts orders under the shop's records of their customers."""

from datetime import datetime

from django.db.models import Q

from common import sql
from common.transactions import locked
from common.use_cases import use_case
from customers import services as customers
from customers.services import Known
from orders.models import OrderContact
from orders.models.orders import UNKNOWN

_PUT = """
UPDATE orders_ordercontact SET record_id = known.record
FROM unnest(%(contacts)s::bigint[], %(records)s::bigint[]) AS known(contact, record) WHERE id = known.contact
"""


@use_case()
def know_buyers(*, now: datetime, limit: int = customers.BATCH) -> int:
    """Put orders whose people nobody has looked at under a record, `limit` at most; return how many there were."""
    open_or_none = Q(order__customer__isnull=True) | Q(order__customer__anonymised_at__isnull=True)
    contacts = list(locked(OrderContact.objects.filter(UNKNOWN & open_or_none)).select_related("order")[:limit])
    people = [
        Known(
            account=contact.order.customer_id,
            name=contact.name,
            email=contact.email,
            phone=contact.phone,
            document=contact.document,
            since=contact.order.placed_at,
        )
        for contact in contacts
    ]
    records = customers.records_for(people=people, now=now)
    sql.execute(_PUT, {"contacts": [contact.pk for contact in contacts], "records": records})
    return len(contacts)
