"""Who asks for visits, and for how many days."""

from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.request import Request

from accounts.selectors import customer_id_of
from api.requests import scheme_token
from common.errors import FieldError, Malformed
from scheduling.selectors import Access

MANAGING = "scheduling.manage_appointment"


DEFAULT_DAYS = 6
MAX_DAYS = 62
MAX_EXPLAINED_DAYS = 7


def access_of(request: Request) -> Access:
    """Return what the caller brought along to see visits with."""
    user = request.user
    staff = bool(getattr(user, "is_staff", False))
    return Access(
        sees_all=staff and user.has_perm("scheduling.view_appointment"),
        manages=staff and user.has_perm("scheduling.manage_appointment"),
        customer_id=customer_id_of(user),
        user_id=user.pk if staff and user.has_perm("scheduling.view_own_agenda") else None,
        tokens=tuple(
            token
            for token in (scheme_token(request, "Appointment"), scheme_token(request, "Order"))
            if token is not None
        ),
    )


def knows_all(request: Request) -> bool:
    """Say whether somebody of the team is asking who may know what occupies a time."""
    return bool(getattr(request.user, "is_staff", False)) and request.user.has_perm("scheduling.view_appointment")


def refuse_window(*, days: int, explain: str, professional: UUID | None) -> None:
    """Refuse days that are too many or in no order, and reasons that nobody can be given. Raises Malformed."""
    errors = []
    if not 1 <= days <= MAX_DAYS:
        errors.append(
            FieldError(pointer="/to", code="invalid", detail=_("At most %(days)s days, in order.") % {"days": MAX_DAYS})
        )
    if explain == "1" and professional is None:
        errors.append(FieldError(pointer="/professional", code="required", detail=_("Say of which professional.")))
    if explain == "1" and days > MAX_EXPLAINED_DAYS:
        most = _("At most %(days)s days, in order.") % {"days": MAX_EXPLAINED_DAYS}
        errors.append(FieldError(pointer="/to", code="invalid", detail=most))
    if explain == "any" and days > 1:
        errors.append(FieldError(pointer="/to", code="invalid", detail=_("One day at a time.")))
    if errors:
        raise Malformed(errors=errors)
