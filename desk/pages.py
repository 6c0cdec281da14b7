"""What the pages of the desk share: lists that only show, pages that ask before something is done, amounts as typed.

Every button of the desk ends in one service call, and a refusal comes back as a sentence on the page that asked.
A page that asks carries a fresh key, so a double click, or going back and sending again, acts once.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import phonenumbers
from django import forms
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.utils import formats, timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from common.errors import Malformed, Refusal
from common.idempotency import IdempotencyKey
from common.money import MAX_MONEY, format_brl, parse_brl
from common.text import is_clean, one_line
from desk.admin import refusal_text

WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")

ACTORS = {
    "customer": _("Customer"),
    "guest": _("Customer"),
    "system": _("The shop, by itself"),
    "gateway": _("Payment service"),
    "staff": _("Team"),
}


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    """A list to look at. Nothing of it is added, edited or deleted by hand."""

    show_full_result_count = False
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


class PageAdmin(ReadOnlyAdmin):
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

    def page(
        self, request: HttpRequest, *, template: str, obj: Any, context: Mapping[str, Any], status: int = 200
    ) -> HttpResponse:
        """Render a page of this list inside the desk."""
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": str(obj) if obj else self.opts.verbose_name_plural,
            "is_popup": False,
            **context,
        }
        return TemplateResponse(request, template, whole, status=status)


@dataclass(frozen=True)
class Question:
    """A page that asks before something is done."""

    title: str
    submit: str
    back: str
    intro: str = ""
    danger: bool = False
    facts: Sequence[tuple[str, str]] = ()
    suggestions: Sequence[str] = field(default_factory=tuple)


def ask(
    request: HttpRequest,
    *,
    admin: PageAdmin,
    question: Question,
    form: forms.Form,
    obj: Any = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Show the question; after a refusal the same one again, with everything that had been typed."""
    status = 200
    if refusal is not None:
        form.add_error(None, explained(refusal))
        status = refusal.status
    elif form.is_bound and not form.is_valid():
        status = 400
    context = {"question": question, "form": form, "title": question.title, "media": admin.media + form.media}
    return admin.page(request, template="desk/ask.html", obj=obj, context=context, status=status)


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, or None for a page that is only opened; sending nothing is sending, too."""
    return request.POST if request.method == "POST" else None


def require(request: HttpRequest, *permissions: str) -> None:
    """Let the request go on if the user holds every permission. Raises PermissionDenied."""
    if not request.user.has_perms(permissions):
        raise PermissionDenied


def refused(request: HttpRequest, *, refusal: Refusal, back: str) -> HttpResponse:
    """Tell why and go back."""
    messages.error(request, explained(refusal))
    return HttpResponseRedirect(back)


def explained(refusal: Refusal) -> str:
    """Return a refusal as a sentence for the desk, with the figures that help."""
    if isinstance(refusal, Malformed) and refusal.errors:
        return " ".join(error.detail for error in refusal.errors)
    sentence = _SENTENCES.get(refusal.code)
    if sentence is None or not set(_PLACES.findall(str(sentence))) <= refusal.data.keys():
        return refusal_text(refusal)
    figures = {name: _shown_figure(name, value) for name, value in refusal.data.items()}
    return str(sentence) % figures


def _shown_figure(name: str, value: object) -> object:
    return format_brl(Decimal(str(value))) if name in _AMOUNTS else value


_AMOUNTS = ("due", "refundable")
_PLACES = re.compile(r"%\((\w+)\)")

_SENTENCES = {
    "below_reserved": _(
        "%(reserved)s units are promised to carts and orders, so at least that many must stay. Nothing was changed."
    ),
    "out_of_stock": _("There are no longer enough units for this. Nothing was changed."),
    "refund_exceeds_paid": _("That is more than can be given back (%(refundable)s at most). Nothing was changed."),
    "amount_exceeds_due": _("That is more than the order still costs (%(due)s). Nothing was changed."),
    "too_many_units": _("Only %(left)s units of this line are left. Nothing was changed."),
    "idempotency_key_reused": _("This form had already been sent. Open it again to send another one."),
    "idempotency_in_progress": _("This form is being worked on already."),
}


class OnceForm(forms.Form):
    """A form that acts once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def once(self, *, request: HttpRequest, scope: str) -> IdempotencyKey:
        """Return the key of this very form, bound to what was typed into it."""
        typed = json.dumps(self.cleaned_data, sort_keys=True, default=str)
        return IdempotencyKey(
            scope=f"desk:{request.user.pk}:{scope}",
            key=str(self.cleaned_data["key"]),
            fingerprint=hashlib.sha256(typed.encode()).hexdigest(),
        )


class LineField(forms.CharField):
    """One line of text without characters that cannot be seen."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 200)
        options.setdefault("widget", UnfoldAdminTextInputWidget())
        super().__init__(**options)

    def clean(self, value: Any) -> str:
        """Return the text on one line. Raises ValidationError."""
        text = str(super().clean(value))
        if not is_clean(text):
            raise forms.ValidationError(_("This text has characters that cannot be seen."), code="unclean")
        return one_line(text)


class UnitsField(forms.Field):
    """A whole number of units, in plain digits."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        self.least, self.most = least, most
        attributes = {"inputmode": "numeric", "autocomplete": "off"}
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attributes))
        super().__init__(**options)

    def to_python(self, value: Any) -> int | None:
        """Return the number. Raises ValidationError for anything but plain digits within the bounds."""
        text = str(value or "").strip()
        if not text and not self.required:
            return None
        if not text:
            return None
        if not WHOLE_NUMBER.fullmatch(text):
            raise forms.ValidationError(_("Type a whole number, such as 12."), code="invalid")
        if not self.least <= int(text) <= self.most:
            bounds = {"least": self.least, "most": self.most}
            raise forms.ValidationError(_("Between %(least)s and %(most)s, please."), code="bounds", params=bounds)
        return int(text)


class BrlField(forms.Field):
    """An amount as Brazilians type it: 10,50 · 10.50 · 1.234,56 · R$ 1.234,56."""

    def __init__(self, **options: Any) -> None:
        attributes = {"inputmode": "decimal", "autocomplete": "off", "placeholder": "0,00"}
        options.setdefault("widget", UnfoldAdminTextInputWidget(attrs=attributes))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Show an amount as it would be typed."""
        return f"{value:.2f}".replace(".", ",") if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        """Return the amount. Raises ValidationError for what could mean two amounts, and for nothing at all."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = parse_brl(text)
        except ValueError as problem:
            raise forms.ValidationError(_("Type an amount such as 1.234,56."), code="invalid") from problem
        if not 0 < amount <= MAX_MONEY:
            raise forms.ValidationError(_("The amount must be more than nothing."), code="bounds")
        return amount


def name_actors(rows: Iterable[Any]) -> None:
    """Give each row that says who acted an `actor_name`; one statement, none where no row says so."""
    acted = [row for row in rows if hasattr(row, "actor_kind")]
    names = actor_names(row.actor_id for row in acted if row.actor_kind == "staff") if acted else {}
    for row in acted:
        row.actor_name = names.get(row.actor_id) or str(ACTORS.get(row.actor_kind, row.actor_kind))


def actor_names(ids: Iterable[str]) -> dict[str, str]:
    """Return, by the id an actor is stored under, what the members of the team are called."""
    pks = {int(text) for text in ids if WHOLE_NUMBER.fullmatch(text)}
    if not pks:
        return {}
    return {str(user.pk): str(user) for user in get_user_model().objects.filter(pk__in=pks)}


def shown_instant(value: datetime | None) -> str:
    """Return an instant as the desk shows it: day, month and time in the shop's zone."""
    if value is None:
        return "-"
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")


def shown_window(starts_at: datetime | None, ends_at: datetime | None) -> str:
    """Return a stretch of a day: weekday, day and both times."""
    if starts_at is None or ends_at is None:
        return "-"
    starts, ends = timezone.localtime(starts_at), timezone.localtime(ends_at)
    day = "D d/m" if (get_language() or "").startswith("pt") else "D j M"
    return f"{formats.date_format(starts, day)} · {starts:%H:%M}–{ends:%H:%M}"


def shown_phone(phone: str) -> str:
    """Return a phone number with spaces, as people read it out."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return phone


def day_bounds(now: datetime, *, days: int = 0) -> tuple[datetime, datetime]:
    """Return where a day, `days` from today in the current zone, begins and ends, in UTC."""
    zone = timezone.get_current_timezone()
    day = timezone.localtime(now).date() + timedelta(days=days)
    starts = datetime.combine(day, time.min, tzinfo=zone)
    ends = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return starts.astimezone(UTC), ends.astimezone(UTC)
