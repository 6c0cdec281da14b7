"""The secret address at which calendars read a professional's agenda: it belongs to a person and ends with them."""

from uuid import UUID

from common import security
from common.access import access_token, opens
from common.errors import NotFound
from common.security import Event
from scheduling.models import Professional


def professional_of_feed(*, public_id: UUID, token: str | None) -> Professional:
    """Return the professional whose agenda the secret token opens. Raises NotFound."""
    found = Professional.objects.select_related("user").filter(public_id=public_id).first()
    if found is None or token is None or not has_feed(professional=found):
        raise NotFound()
    if not opens(token=token, kind=_feed_kind(professional=found), public_id=found.public_id):
        security.note(Event.ACCESS_REFUSED, kind="calendar", number=str(found.public_id))
        raise NotFound()
    return found


def has_feed(*, professional: Professional) -> bool:
    """Say whether a professional's agenda has an address: while they work here and their login, if any, is on."""
    user = professional.user
    return professional.is_active and (user is None or (user.is_active and user.is_staff))


def feed_path(*, professional: Professional) -> str:
    """Return the secret address of a professional's agenda."""
    token = access_token(kind=_feed_kind(professional=professional), public_id=professional.public_id)
    return f"/api/v1/professionals/{professional.public_id}/calendar.ics?access_token={token}"


def _feed_kind(*, professional: Professional) -> str:
    """Return the kind of token that opens the agenda; a raised `feed_version` or another login ends the old one."""
    return f"feed.{professional.feed_version}.{professional.user_id or ''}"
