"""The desk's base page: forms that end in a service call.

Django wraps the saving of a form in a transaction of its own. Our use cases own theirs, and take their leases before
it begins, so this page leaves the transaction out. A refusal of a service becomes a message on the same
page and never an error page.
"""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.admin import ModelAdmin as UnfoldModelAdmin

from common.actors import Actor
from common.errors import Refusal
from desk.refusals import explained


class _WithoutTransaction(DjangoModelAdmin):  # type: ignore[type-arg]
    """Stands between Unfold and Django in the order of classes, where the transaction would be opened."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        return self._changeform_view(request, object_id, form_url, extra_context)  # type: ignore[attr-defined]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        return self._delete_view(request, object_id, extra_context)  # type: ignore[attr-defined]


class DeskAdmin(UnfoldModelAdmin, _WithoutTransaction):  # type: ignore[misc]
    """A page whose `save_model` calls a service."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take the form; a refusal comes back as a message on the form."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            return self.refused(request, refusal)
        return answer

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask and delete; a refusal comes back as a message."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            return self.refused(request, refusal)
        return answer

    def refused(self, request: HttpRequest, refusal: Refusal) -> HttpResponse:
        """Tell why and show the same page again."""
        messages.error(request, explained(refusal))
        return HttpResponseRedirect(request.get_full_path())


def desk_actor(request: HttpRequest) -> Actor:
    """Return the member of the team who sits at the desk."""
    return Actor(kind="staff", id=str(request.user.pk or ""), door="admin")
