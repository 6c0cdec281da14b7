"""The desk's base page: forms that end in a service call, and lose nothing that was typed.

Django wraps the saving of a form in a transaction of its own. Our use cases own theirs, and take their leases before
it begins, so this page leaves the transaction out. What a service refuses comes back on the form, beside its
field and with everything that was typed; so does a page that somebody else saved meanwhile.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin as DjangoModelAdmin
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Model, PositiveIntegerField, PositiveSmallIntegerField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from unfold.admin import ModelAdmin as UnfoldModelAdmin
from unfold.admin import TabularInline

from common.actors import Actor
from common.errors import Refusal
from common.locks import lease, page
from desk.changes import WORDS, TellsChanges, notes_of
from desk.forms import DurationField, InWords, NamesTwins
from desk.lookups import ShownLookups
from desk.refusals import Problem, explained, named, place_in_rows
from desk.search import KeySearch
from desk.shown import minutes_of_unit
from desk.versions import SEEN, Difference, Picture, differences, merged, picture_of

LONGEST = 525_600
"""Minutes in a year: the most where a column sets no limit of its own."""

PATIENCE = 10
"""Seconds that somebody who saves waits for somebody who saves the same page."""


@dataclass
class _State:
    """What is known about a page while it is answered."""

    refusal: Refusal | None = None
    problems: list[Problem] = field(default_factory=list)
    changed: list[Difference] = field(default_factory=list)
    savers: str = ""
    is_stale: bool = False
    before: Picture | None = None


def _state(request: HttpRequest) -> _State:
    known: _State | None = getattr(request, "desk_state", None)
    if known is None:
        known = request.desk_state = _State()  # type: ignore[attr-defined]
    return known


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


class DeskInline(TabularInline):  # type: ignore[misc]
    """Rows on a page of the desk."""

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        """Return the formset, it and its rows complaining in the owner's words."""
        made = super().get_formset(request, obj, **kwargs)
        made.form = _in_words(made.form)
        return type(made.__name__, (NamesTwins, made), {})


class DeskAdmin(TellsChanges, ShownLookups, KeySearch, UnfoldModelAdmin, _WithoutTransaction):  # type: ignore[misc]
    """A page whose `save_model` calls a service."""

    change_form_before_template = "desk/form_top.html"
    tells_before = False
    """Whether the log keeps, beside who changed what, how it was before and after; not where people are written down,
    whose names would stay in it."""
    names_changes = False
    """Whether a button of the page's own leads to who changed it, which a phone keeps behind its menu."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or take the form; a refusal, and what somebody else saved meanwhile, come back on it."""
        again = (object_id, form_url, extra_context)
        if request.method != "POST":
            return self._shown(request, super().changeform_view(request, *again))
        try:
            # One saves a page at a time, so that what is compared here is what the service finds.
            with lease(self.pages_of(request, object_id) if object_id else [], wait=PATIENCE):
                status = 409 if object_id and self._meanwhile(request, object_id) else None
                return self._shown(request, super().changeform_view(request, *again), status=status)
        except Refusal as refusal:
            return self.refused(request, refusal, again=lambda: super(DeskAdmin, self).changeform_view(request, *again))

    def pages_of(self, request: HttpRequest, object_id: str) -> list[str]:
        """Return the leases under which a row's page is saved: its own, and those of the other pages it writes to."""
        return [page(table=self.opts.label_lower, pk=object_id)]

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask and delete; a refusal comes back as a message."""
        try:
            answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        except Refusal as refusal:
            messages.error(request, explained(refusal))
            return HttpResponseRedirect(request.get_full_path())
        return answer

    def refused(self, request: HttpRequest, refusal: Refusal, *, again: Callable[[], HttpResponse]) -> HttpResponse:
        """Show the page again as it was sent, and tell why beside the field it is about."""
        _state(request).refusal = refusal
        for upload in cast("dict[str, UploadedFile[Any]]", request.FILES).values():
            upload.seek(0)
        return self._shown(request, again(), status=refusal.status)

    def missing(self, request: HttpRequest, obj: Any) -> Sequence[tuple[str | Promise, str]]:
        """Return what has to be there before the page is of use: a sentence, and where it leads."""
        return ()

    def changes_url(self, request: HttpRequest, obj: Any) -> str:
        """Return where it is told who changed a row; nothing where that is closed to whoever looks."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", args=[obj.pk])

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Say what changed; where the page tells it, with how it was before and how it became."""
        message = super().construct_change_message(request, form, formsets, add)
        before = _state(request).before
        if add or before is None or not self.tells_before:
            return message
        untouched, rows = self._untouched(request, self.get_object(request, str(form.instance.pk)))
        now = picture_of(form=untouched, formsets=rows)
        found = differences(before=before, now=now, form=untouched, formsets=rows, post=QueryDict())
        return [*message, {WORDS: [[one.label, one.before, one.now] for one in found]}]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; while a refusal is told, one that says so."""
        return _told(_in_words(super().get_form(request, obj, change=change, **kwargs)), request=request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field; a length of time is typed and shown as people say it."""
        unit = minutes_of_unit(db_field.name)
        if unit is None or not isinstance(db_field, PositiveIntegerField | PositiveSmallIntegerField):
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        limits = {type(one): getattr(one, "limit_value", 0) for one in db_field.validators}
        return DurationField(
            unit=unit,
            least=limits.get(MinValueValidator, 0),
            most=min(limits.get(MaxValueValidator, LONGEST), LONGEST),
            label=capfirst(str(db_field.verbose_name)),
            help_text=db_field.help_text,
            required=not db_field.null,
            initial=db_field.get_default(),
        )

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)
        state = _state(request)
        if state.refusal is not None:
            state.problems = place_in_rows(refusal=state.refusal, formsets=formsets)
        return formsets, inlines

    # What the page showed when it was opened.

    def _meanwhile(self, request: HttpRequest, object_id: str) -> bool:
        """Say whether somebody changed the page since it was opened, and bring what was sent up to date."""
        sealed = request.POST.get(SEEN)
        obj = self.get_object(request, unquote(object_id))
        if sealed is None or obj is None or not self.has_change_permission(request, obj):
            return False
        state = _state(request)
        try:
            before = Picture.opened(sealed)
        except (BadSignature, ValueError):
            state.is_stale = True
            state.problems = [(None, gettext("This page is too old to be compared. Look it over, and save."))]
            return True
        with translation.override(before.language or translation.get_language()):
            form, formsets = self._untouched(request, obj)
            now = state.before = picture_of(form=form, formsets=formsets)
            if now.same_as(before):
                return False
            state.is_stale = True
            pictures = {"before": before, "now": now}
            state.changed = differences(**pictures, form=form, formsets=formsets, post=request.POST)
            request.POST, request._files = merged(  # type: ignore[assignment, attr-defined]
                **pictures, post=request.POST, files=request.FILES, formsets=formsets
            )
        if state.changed:
            state.savers = self._savers(obj, since=before.log)
            told = gettext("Somebody saved this page while it was open here. Nothing is saved yet.")
            state.problems = [(None, told)]
        return bool(state.changed)

    def _untouched(self, request: HttpRequest, obj: Any) -> tuple[Any, list[Any]]:
        """Return the forms of the page as it would be opened now."""
        fields = flatten_fieldsets(self.get_fieldsets(request, obj))
        form = self.get_form(request, obj, change=True, fields=fields)(instance=obj)
        formsets = [
            made(instance=obj, prefix=made.get_default_prefix(), queryset=inline.get_queryset(request))
            for made, inline in self.get_formsets_with_inlines(request, obj)
        ]
        return form, formsets

    def _savers(self, obj: Any, *, since: int) -> str:
        """Name who saved the page at the desk since then."""
        entries = notes_of(obj).filter(pk__gt=since).select_related("user").order_by("pk")
        return ", ".join(dict.fromkeys(str(entry.user) for entry in entries))

    def _shown(self, request: HttpRequest, response: HttpResponse, *, status: int | None = None) -> HttpResponse:
        """Add to the page what it showed, what is wrong on it and where, and what changed meanwhile."""
        context = getattr(response, "context_data", None)
        if not isinstance(response, TemplateResponse) or not context or "adminform" not in context:
            return response
        if status is not None:
            response.status_code = status
        form, obj = context["adminform"].form, context.get("original")
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        state = _state(request)
        context["desk_page"] = {
            "seen": self._seal(request, obj, form=form, formsets=formsets),
            "seen_name": SEEN,
            "changed": state.changed,
            "savers": state.savers,
            "problems": _problems(form, formsets),
            "tab": _tab(form, formsets, fresh=obj is None),
            "missing": () if form.is_bound else self.missing(request, obj),
            "changes": self.changes_url(request, obj) if obj is not None else "",
            "on_a_phone": self.names_changes,
        }
        _discard_bad_files(form, formsets)
        return response

    def _seal(self, request: HttpRequest, obj: Any, *, form: Any, formsets: list[Any]) -> str:
        if obj is None or not self.has_change_permission(request, obj):
            return ""
        sent = request.POST.get(SEEN)
        if form.is_bound and sent and not _state(request).is_stale:
            return sent
        if form.is_bound:
            form, formsets = self._untouched(request, self.get_object(request, str(obj.pk)))
        log = notes_of(obj).order_by("-pk").values_list("pk", flat=True).first() or 0
        return picture_of(form=form, formsets=formsets, log=log).sealed()


def desk_actor(request: HttpRequest) -> Actor:
    """Return the member of the team who sits at the desk."""
    return Actor(kind="staff", id=str(request.user.pk or ""), door="admin")


def _in_words(form: Any) -> Any:
    return form if issubclass(form, InWords) else type(form.__name__, (InWords, form), {})


def _told(form: Any, *, request: HttpRequest) -> Any:
    """Return a form that fails with the problems of a refusal, once what was sent to it is read."""

    class Told(form):  # type: ignore[misc]
        def full_clean(self) -> None:
            super().full_clean()
            for name, text in _state(request).problems if self.is_bound else ():
                self.add_error(*((name, text) if name in self.fields else (None, named(name, text))))

    Told.__name__ = form.__name__
    return Told


def _problems(form: Any, formsets: list[Any]) -> list[str]:
    """Return every complaint on the page with the field it is about."""
    if not form.is_bound:
        return []
    found = [text for name, texts in form.errors.items() for text in _named(form, name, texts)]
    for formset in formsets:
        title = str(formset.model._meta.verbose_name_plural)
        found += [f"{capfirst(title)}: {text}" for text in formset.non_form_errors()]
        for place, row in enumerate(formset.forms, start=1):
            where = gettext("%(title)s, row %(place)s") % {"title": capfirst(title), "place": place}
            found += [f"{where} · {text}" for name, texts in row.errors.items() for text in _named(row, name, texts)]
    return list(dict.fromkeys(found))


def _named(form: Any, name: str, texts: Any) -> list[str]:
    label = capfirst(str(form[name].label)) if name in form.fields else ""
    return [f"{label}: {text}" if label else str(text) for text in texts]


def _tab(form: Any, formsets: list[Any], *, fresh: bool) -> str:
    """Return the tab to open: the first with a complaint; on a new page the first of all."""
    if not form.is_bound:
        return "general" if fresh else ""
    if form.errors and (form.errors.keys() != {"__all__"} or not any(_complains(one) for one in formsets)):
        return "general"
    return next((str(formset.prefix) for formset in formsets if _complains(formset)), "general")


def _complains(formset: Any) -> bool:
    return any(formset.errors) or bool(formset.non_form_errors())


def _discard_bad_files(form: Any, formsets: list[Any]) -> None:
    """Keep no file that is itself what was wrong."""
    for one in [form, *(row for formset in formsets for row in formset.forms)]:
        for name in one.errors.keys() & one.fields.keys() if one.is_bound else ():
            widget = one.fields[name].widget
            if hasattr(widget, "discards"):
                widget.discards = True
