"""What the pages of the desk share: lists that only show, and pages that ask before something is done.

Every button of the desk ends in one service call, and a refusal comes back as a sentence on the page that asked.
A page that asks carries a fresh key, so a double click, or going back and sending again, acts once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from common.errors import Refusal
from desk.changes import TellsChanges
from desk.lookups import ShownLookups
from desk.paging import BoundedPaginator
from desk.refusals import explained
from desk.search import KeySearch
from desk.shown import name_actors, shown_door, shown_instant


class ReadOnlyAdmin(TellsChanges, ShownLookups, KeySearch, ModelAdmin):  # type: ignore[misc]
    """A list to look at. Nothing of it is added, edited or deleted by hand."""

    show_full_result_count = False
    paginator = BoundedPaginator
    list_per_page = 50
    actions: Sequence[Any] = ()
    list_disable_select_all = True
    show_facets = ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never let anybody add a row by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never let anybody edit a row by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never let anybody delete a row."""
        return False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Read the names of those who acted with one statement for the whole page."""
        changelist = super().get_changelist_instance(request)
        if not changelist.query and not changelist.has_active_filters:
            changelist.full_result_count = changelist.result_count  # the list is whole: nothing to show more of
        name_actors(list(changelist.result_list))
        return changelist

    def named(self, obj: Any) -> str:
        """Return what a row is called at the head of its page."""
        return str(obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any = None, **options: Any
    ) -> HttpResponse:
        """Show a row under its name."""
        context["subtitle"] = self.named(obj)
        answer: HttpResponse = super().render_change_form(request, context, *args, obj=obj, **options)
        return answer


class ActorColumn:
    """The column of who acted."""

    @admin.display(description=_("who"))
    def who(self, row: Any) -> str:
        """Name who did it."""
        if not hasattr(row, "actor_name"):
            name_actors([row])
        return str(row.actor_name)


class ChangeColumns(ActorColumn):
    """The columns of what is kept of a change: when, through which door, and who."""

    @admin.display(description=_("at"), ordering="pk")
    def shown_at(self, row: Any) -> str:
        """Show when."""
        return shown_instant(row.at)

    @admin.display(description=_("through"))
    def through(self, row: Any) -> str:
        """Show where it came in."""
        return shown_door(row.door)


def page_response(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> TemplateResponse:
    """Return a page in the desk's frame."""
    whole = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, template, whole, status=status, headers=dict(headers or {}))


class FramedPages:
    """A page of the desk's own beside the list and the form of a table."""

    admin_site: Any
    opts: Any
    has_view_permission: Any
    media: Any

    def page(
        self, request: HttpRequest, *, template: str, obj: Any, context: Mapping[str, Any], status: int = 200
    ) -> HttpResponse:
        """Render a page inside the desk."""
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts if self.has_view_permission(request) else None,  # the way back, where it is open
            "original": obj,
            "title": str(obj) if obj else self.opts.verbose_name_plural,
            "is_popup": False,
            **context,
        }
        return TemplateResponse(request, template, whole, status=status)


class PageAdmin(FramedPages, ReadOnlyAdmin):
    """A read-only list whose rows open a page of their own instead of a form."""

    page_template = ""

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return what the page shows beside the row itself."""
        return {}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the row's page. There is nothing to send to it."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            answer: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return answer
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.page(request, template=self.page_template, obj=obj, context=self.page_context(request, obj))


@dataclass(frozen=True)
class Question:
    """A page that asks before something is done.

    `effect`: where the page is told, while one types, what would come of it.
    """

    title: str
    submit: str
    back: str
    intro: str = ""
    danger: bool = False
    facts: Sequence[tuple[str, str]] = ()
    suggestions: Sequence[str] = field(default_factory=tuple)
    effect: str = ""


def ask(
    request: HttpRequest,
    *,
    admin: FramedPages,
    question: Question,
    form: forms.Form,
    obj: Any = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Show the question; after a refusal the same one again, with everything that had been typed."""
    status = 200
    if refusal is not None:
        form.add_error(refusal.about if refusal.about in form.fields else None, explained(refusal))
        status = refusal.status
    elif form.is_bound and not form.is_valid():
        status = 400
    context = {"question": question, "form": form, "title": question.title, "media": admin.media + form.media}
    return admin.page(request, template="desk/ask.html", obj=obj, context=context, status=status)


def asked_first(
    request: HttpRequest, *, admin: FramedPages, question: Question, obj: Any = None
) -> HttpResponse | None:
    """Return the page that asks whether something shall be done; None once somebody has pressed its button."""
    return (
        None if request.method == "POST" else ask(request, admin=admin, question=question, form=forms.Form(), obj=obj)
    )


def told_of_new_link(*, email: str) -> str:
    """Say who gets the link that is about to be made."""
    if email:
        return gettext("The customer gets a new one.")
    return gettext("The new one is shown to you, since there is no e-mail to write to.")


def told_of_link(request: HttpRequest, *, email: str, path: str) -> None:
    """Say where a new link was sent; where nobody can be written to, show it to whoever hands it over."""
    if email:
        messages.success(request, gettext("The new link is on its way to %(email)s.") % {"email": email})
        return
    told = gettext("There is no e-mail to write to. Give this link to the customer, by WhatsApp for example:")
    messages.success(request, format_html("{} <br><b>{}</b>", told, settings.PUBLIC_URL + path))


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, or None for a page that is only opened; sending nothing is sending, too."""
    return request.POST if request.method == "POST" else None


def require(request: HttpRequest, *permissions: str) -> None:
    """Let the request go on if the user holds every permission. Raises PermissionDenied."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied
