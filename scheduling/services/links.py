"""A new link to a visit: every link sent before ends, and its customer gets the new one."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from common import outbox, security
from common.errors import NotFound
from common.security import Event
from common.transactions import locked, within_unit_of_work
from common.use_cases import use_case
from scheduling import emails, selectors
from scheduling.emails import Told
from scheduling.models import Appointment
from shop import services as shop


@use_case()
def renew_link(*, public_id: UUID, now: datetime) -> Appointment:
    """End every link of a visit's own, have a new one sent to its customer, and return it. Raises NotFound."""
    visit = locked(Appointment.objects.filter(public_id=public_id)).first()
    if visit is None:
        raise NotFound()
    visit.link_version += 1
    visit.link_renewed_at = now
    visit.save(update_fields=["link_version", "link_renewed_at"])
    security.note(Event.LINK_REVOKED, kind="visit", number=str(public_id))
    payload = {"appointment": str(public_id), "link": visit.link_version}
    outbox.emit(name="appointment.link_renewed", payload=payload, now=now)
    outbox.wake()
    return visit


@within_unit_of_work
def renew_links_of(*, claims: Iterable[UUID], bearer_version: int, now: datetime) -> None:
    """End every link of claimed visits, and of their bearer's before `bearer_version`; nobody is written to."""
    Appointment.objects.filter(claim__in=list(claims)).update(
        link_version=F("link_version") + 1, bearer_link_version=bearer_version, link_renewed_at=now
    )


def send_link(*, name: str, payload: Mapping[str, Any], event_id: UUID, now: datetime) -> None:
    """Send a visit's new link, unless there is a newer one. Raises smtplib and socket errors."""
    visit = selectors.appointment(public_id=UUID(payload["appointment"]))
    if visit.link_version != payload["link"] or not visit.contact_email:
        return
    policy = shop.policy()
    facts = selectors.facts_of(cause="link", appointment=visit, policy=policy, now=now)
    told = Told(appointment=visit, services=list(visit.services.all()), facts=facts, policy=policy)
    emails.to_customer(told=told, is_known=selectors.is_known_reader(visit=visit), now=now)
