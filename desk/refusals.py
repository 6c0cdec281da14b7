"""A refusal as the desk says it: one sentence, with the figures that help."""

import re
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from common.errors import Malformed, Refusal
from common.money import format_brl

_PLACES = re.compile(r"%\((\w+)\)")


def refused(request: HttpRequest, *, refusal: Refusal, back: str) -> HttpResponse:
    """Tell why and go back."""
    messages.error(request, explained(refusal))
    return HttpResponseRedirect(back)


def explained(refusal: Refusal) -> str:
    """Return a refusal as a sentence for the desk, with the figures that help."""
    if isinstance(refusal, Malformed) and refusal.errors:
        return " ".join(error.detail for error in refusal.errors)
    sentence = refusal.sentence
    if sentence is None or not set(_PLACES.findall(str(sentence))) <= refusal.data.keys():
        return str(refusal.detail or refusal.title)
    figures = {name: _shown_figure(refusal, name, value) for name, value in refusal.data.items()}
    return str(sentence) % figures


def _shown_figure(refusal: Refusal, name: str, value: object) -> object:
    return format_brl(Decimal(str(value))) if name in refusal.amounts else value
