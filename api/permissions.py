"""Who may knock at which door.

A view that says nothing lets nobody in. A public one says `Public`.
"""

from typing import Any, ClassVar

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from common import security
from common.errors import Forbidden, Unauthenticated
from common.security import Event


class Undeclared(BasePermission):
    """Lets nobody in: what a view has that forgot to say who may ask."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Refuse the request. Raises Forbidden."""
        raise Forbidden()


class Public(BasePermission):
    """Lets everybody in; whether they may see what they ask for is for the rule that finds it."""


class IsSignedIn(BasePermission):
    """Lets in whoever signed in."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Let the request in. Raises Unauthenticated."""
        if not getattr(request.user, "is_authenticated", False):
            raise Unauthenticated()
        return True


class StaffOnly(IsSignedIn):
    """Lets in staff who hold one permission; see `staff_with`."""

    permission: ClassVar[str]


def staff_with(name: str) -> type[BasePermission]:
    """Return a permission that lets in staff who hold the permission `name`, such as inventory.adjust_stock."""

    class StaffWith(StaffOnly):
        """Lets in staff who hold one permission."""

        permission = name

        def has_permission(self, request: Request, view: Any) -> bool:
            """Let the request in. Raises Unauthenticated, Forbidden."""
            if not getattr(request.user, "is_authenticated", False):
                security.note(Event.ACCESS_REFUSED, permission=name)
            super().has_permission(request, view)
            if not (request.user.is_staff and request.user.has_perm(name)):
                raise Forbidden()
            return True

    return StaffWith
