"""Time that is closed at the desk, and opened again.

An absence that would leave booked visits without working time is refused, and the refusal names them;
they are moved first. The professional's row is locked meanwhile, so nobody books into it behind the check.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.errors import FieldError, Malformed, NotFound
from common.transactions import locked
from common.use_cases import use_case
from scheduling import selectors
from scheduling.errors import WouldStrand
from scheduling.models import Appointment, Professional, TimeOff
from scheduling.selectors import Access
from shop import services as shop


@use_case()
def block_time(
    *,
    professional: UUID,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    now: datetime,
    access: Access | None = None,
) -> TimeOff:
    """Write down that somebody is away between two instants.

    `access`: whose time the caller may close, everybody's or their own; without, the caller is trusted.

    Raises NotFound, Malformed (it ends before it begins), WouldStrand (with the visits that stand in the way).
    """
    if ends_at <= starts_at:
        detail = _("It ends before it begins.")
        raise Malformed(errors=[FieldError(pointer="/ends_at", code="invalid", detail=detail)])
    policy = shop.policy()
    person = next(iter(locked(Professional.objects.filter(public_id=professional))), None)
    if person is None or (access is not None and not access.runs(professional=person)):
        raise NotFound()
    before = {visit.pk for visit in selectors.stranded(policy=policy, now=now, professionals=[person.pk])}
    absence = TimeOff.objects.create(professional=person, starts_at=starts_at, ends_at=ends_at, reason=reason)
    left = selectors.stranded(policy=policy, now=now, professionals=[person.pk])
    broken = [visit for visit in left if visit.pk not in before]
    if broken:
        zone = ZoneInfo(policy.timezone)
        raise WouldStrand(appointments=[named(visit=visit, zone=zone) for visit in broken])
    return absence


@use_case()
def unblock_time(*, time_off_id: int, access: Access | None = None) -> None:
    """Take an absence away, so that its time is offered again. Raises NotFound, also for who may not open it."""
    absence = locked(TimeOff.objects.filter(pk=time_off_id)).select_related("professional").first()
    if absence is None or (access is not None and not access.runs(professional=absence.professional)):
        raise NotFound()
    absence.delete()


def named(*, visit: Appointment, zone: ZoneInfo) -> dict[str, str]:
    """Return what a refusal tells of a visit that stands in the way."""
    return {
        "id": str(visit.public_id),
        "starts_at": visit.starts_at.astimezone(zone).isoformat(),
        "ends_at": visit.ends_at.astimezone(zone).isoformat(),
        "customer": visit.contact_name,
    }
