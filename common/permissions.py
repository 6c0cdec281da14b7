"""Who may knock at which door."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common.errors import Forbidden, Unauthenticated


class IsSignedIn(BasePermission):
    """Lets in whoever signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Will let the request in. Raises Unauthenticated."""
        if not getattr(request.user, "is_authenticated", False):
            raise Unauthenticated()
        return True


def staff_with(permission: str) -> type[BasePermission]:
    """Will return a permission that lets in staff who hold `permission`, such as inventory.adjust_stock."""

    class StaffWith(IsSignedIn):
        """Lets in staff who hold one permission."""

        def has_permission(self, request: Request, view: Any) -> bool:
            """Will let the request in. Raises Unauthenticated, Forbidden."""
            super().has_permission(request, view)
            if not (request.user.is_staff and request.user.has_perm(permission)):
                raise Forbidden()
            return True

    return StaffWith
