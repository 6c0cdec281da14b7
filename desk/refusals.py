"""A refusal as the desk says it: one sentence, with the figures that help."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from common.errors import Malformed, Refusal
from common.money import format_brl

LABELS = {
    "address": _("Address"),
    "alt": _("What the picture shows"),
    "amount": _("Amount"),
    "category": _("Category"),
    "customer": _("Customer"),
    "day": _("Day"),
    "description": _("Description"),
    "duration": _("Duration"),
    "email": _("E-mail"),
    "ends_at": _("Until"),
    "force": _("Reason"),
    "from": _("From"),
    "key": _("This form"),
    "name": _("Name"),
    "note": _("Note"),
    "options": _("Options"),
    "password": _("Password"),
    "phone": _("Phone"),
    "pickup_lead_minutes": _("Notice before pickup"),
    "deposit_percent": _("Deposit in percent"),
    "deposit_amount": _("Deposit as an amount"),
    "position": _("Position"),
    "price": _("Price"),
    "professional": _("Professional"),
    "quantity": _("How many?"),
    "reason": _("Reason"),
    "reference": _("Reference"),
    "service": _("Services"),
    "services": _("Services"),
    "sku": "SKU",
    "slug": _("Slug"),
    "starts_at": _("Time"),
    "tender": _("How was it paid?"),
    "to": _("Until"),
}
"""What the owner calls a field, where no form of the desk names it."""

_PLACES = re.compile(r"%\((\w+)\)")


def refused(request: HttpRequest, *, refusal: Refusal, back: str) -> HttpResponse:
    """Tell why and go back."""
    messages.error(request, explained(refusal))
    return HttpResponseRedirect(back)


def explained(refusal: Refusal) -> str:
    """Return a refusal as a sentence for the desk, with the figures that help."""
    if isinstance(refusal, Malformed) and refusal.errors:
        return " ".join(named(name, text) for name, text in problems_of(refusal))
    sentence = refusal.sentence
    if sentence is None or not set(_PLACES.findall(str(sentence))) <= refusal.data.keys():
        return str(refusal.detail or refusal.title)
    figures = {name: _shown_figure(refusal, name, value) for name, value in refusal.data.items()}
    return str(sentence) % figures


Problem = tuple[str | None, str]
"""The field a complaint is about, where it is about one, and the complaint."""


def problems_of(refusal: Refusal) -> list[Problem]:
    """Return what a refusal says, and about which field of the form that was sent."""
    if isinstance(refusal, Malformed) and refusal.errors:
        return [(field_at(error.pointer), error.detail) for error in refusal.errors]
    place = refusal.about or (refusal.fields[0] if len(refusal.fields) == 1 else None)
    return [(place, explained(refusal))]


def field_at(pointer: str) -> str | None:
    """Return the field that a pointer leads to, or into: `services` for /services/0."""
    return next((part for part in reversed(pointer.split("/")) if part and not part.isdigit()), None)


def place_in_rows(*, refusal: Refusal, formsets: Iterable[Any]) -> list[Problem]:
    """Add to the rows of a page what is about the value of one of them, and return the rest."""
    rows = [row for formset in formsets if formset.is_valid() for row in formset.forms]
    left = []
    for name, text in problems_of(refusal):
        meant = [row for row in rows if name in refusal.data and row.cleaned_data.get(name) == refusal.data[name]]
        for row in meant:
            row.add_error(name, text)
        if not meant:
            left.append((name, text))
    return left


def named(name: str | None, text: str) -> str:
    """Return a complaint with the field it is about, as the owner calls it."""
    label = LABELS.get(name or "")
    return f"{label}: {text}" if label else text


def _shown_figure(refusal: Refusal, name: str, value: object) -> object:
    return format_brl(Decimal(str(value))) if name in refusal.amounts else value
