"""Who sells, and what their role lets them do."""

from accounts.models import User
from common.actors import Actor


def may(*, actor: Actor, permission: str) -> bool:
    """Say whether somebody of the team may do something; the shop itself may do anything."""
    if actor.kind != "staff":
        return actor.kind == "system"
    user = User.objects.filter(pk=int(actor.id), is_active=True).first() if actor.id.isdecimal() else None
    return user is not None and user.has_perm(permission)
