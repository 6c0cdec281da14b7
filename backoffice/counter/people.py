"""Who stands behind the counter."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.errors import Forbidden, Unauthenticated

SELLS = "counter.sell"
UNDOES = "counter.undo_sale"
PINS = "counter.pin_favourites"
FINDS_CUSTOMERS = "customers.view_customerrecord"


def may_sell(user: Any) -> bool:
    """Say whether somebody may sell at the counter."""
    return bool(user.is_active and user.is_staff and user.has_perm(SELLS))


class CanSell(BasePermission):
    """Lets in whoever sells at the counter; a view may ask for another permission, too, in `needs`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let the request in. Raises Unauthenticated, Forbidden."""
        if not getattr(request.user, "is_authenticated", False):
            raise Unauthenticated()
        needs: str = getattr(view, "needs", "")
        if not may_sell(request.user) or (needs and not request.user.has_perm(needs)):
            raise Forbidden()
        return True
