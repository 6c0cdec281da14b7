"""Who looks at the agenda, and what they may do there: permissions of the desk for its API."""

from dataclasses import dataclass
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.errors import Forbidden, Unauthenticated
from scheduling.selectors import Access

SEES_ALL = "scheduling.view_appointment"
SEES_OWN = "scheduling.view_own_agenda"
MANAGES = "scheduling.manage_appointment"
MANAGES_OWN = "scheduling.manage_own_appointment"
FORCES = "scheduling.force_appointment"
BLOCKS = "scheduling.add_timeoff"
UNBLOCKS = "scheduling.delete_timeoff"


@dataclass(frozen=True)
class AgendaPermissions:
    """A member of the team before the agenda."""

    user_id: int
    sees_all: bool
    manages: bool
    manages_own: bool
    forces: bool
    blocks: bool
    unblocks: bool
    sees_orders: bool
    charges: bool
    finds_customers: bool

    @property
    def access(self) -> Access:
        """What they bring along to see visits with: all of them, or those of their own agenda."""
        return Access(sees_all=self.sees_all, manages=self.manages, manages_own=self.manages_own, user_id=self.user_id)

    @property
    def books(self) -> bool:
        """Whether they book: with anybody, or with themselves alone."""
        return self.manages or self.manages_own


def may_look(user: Any) -> bool:
    """Say whether somebody may see the agenda, or at least their own column of it."""
    return bool(user.is_active and user.is_staff and (user.has_perm(SEES_ALL) or user.has_perm(SEES_OWN)))


def permissions_of(user: Any) -> AgendaPermissions:
    """Return what the user may do; whoever sees their own column alone closes its visits and blocks its time.

    With the permission for it they book into that column and change what stands there, too.
    """
    sees_all = user.has_perm(SEES_ALL)
    own = not sees_all and user.has_perm(SEES_OWN)
    return AgendaPermissions(
        user_id=user.pk,
        sees_all=sees_all,
        manages=sees_all and user.has_perm(MANAGES),
        manages_own=own and user.has_perm(MANAGES_OWN),
        forces=sees_all and user.has_perm(FORCES),
        blocks=own or (sees_all and user.has_perm(BLOCKS)),
        unblocks=own or (sees_all and user.has_perm(UNBLOCKS)),
        sees_orders=user.has_perm("orders.view_order"),
        charges=sees_all and user.has_perm("payments.record_payment"),
        finds_customers=user.has_perm("customers.view_customerrecord"),
    )


class CanViewAgenda(BasePermission):
    """Lets in whoever may see at least a column; a view may ask for more in `needs`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let the request in. Raises Unauthenticated, Forbidden."""
        if not getattr(request.user, "is_authenticated", False):
            raise Unauthenticated()
        if not may_look(request.user):
            raise Forbidden()
        needs: str = getattr(view, "needs", "")
        if needs and not getattr(permissions_of(request.user), needs):
            raise Forbidden()
        return True
