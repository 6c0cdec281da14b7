"""What every page for a customer does: kept by nobody, in their language, a refusal as a sentence.

Such a page is opened by the access token of a letter and needs no script. The token stays out of caches, search engines
and the addresses that other sites are told.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views import View

from common.actors import Actor
from common.dates import when
from common.errors import NotFound, Refusal
from pages.links import PRIVATE

VISITOR = Actor(kind="guest", id="", door="page")
TOKEN = "access_token"  # noqa: S105 - the name of a parameter
LANGUAGE = "language"


class CustomerPage(View):
    """A page that a token opens; without a good one it does not exist."""

    http_method_names = ["get", "head", "post"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request, and let nobody keep the answer. Raises Http404."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except NotFound:
            raise Http404 from None
        for name, value in PRIVATE.items():
            response.headers[name] = value
        return response

    @property
    def token(self) -> str:
        """The access token the visitor brought; empty without one."""
        return self.request.POST.get(TOKEN) or self.request.GET.get(TOKEN) or ""

    @property
    def chosen_language(self) -> str:
        """The language the visitor asked for; empty if none or one that nobody speaks here."""
        asked = self.request.GET.get(LANGUAGE, "")
        return asked if asked in dict(settings.LANGUAGES) else ""

    @property
    def query(self) -> str:
        """What every link between such pages carries on."""
        return self.carried(language=self.chosen_language)

    def carried(self, *, language: str) -> str:
        """Return what an address of such a page carries in `language`; empty: the one the customer is written to in."""
        kept = {TOKEN: self.token, LANGUAGE: language}
        return urlencode({name: value for name, value in kept.items() if value})

    @contextmanager
    def speaking(self, *, language: str, zone: str) -> Iterator[None]:
        """Speak the visitor's language, or the one the customer is written to in, and tell the shop's time."""
        with translation.override(self.chosen_language or language), timezone.override(zone):
            yield

    def show(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
        """Answer the page, in the language in force."""
        current = translation.get_language()
        others = [
            {
                "code": code,
                "name": translation.get_language_info(code)["name_local"].capitalize(),
                "query": self.carried(language=code),
            }
            for code, _name in settings.LANGUAGES
            if code != current
        ]
        frame = {"query": self.query, "token": self.token, "languages": others, "done": "done" in self.request.GET}
        response = render(self.request, template, {**frame, **context}, status=status)
        response.headers["Content-Language"] = current or settings.LANGUAGE_CODE
        return response

    def go(self, path: str) -> HttpResponse:
        """Send the visitor on to another page of theirs after something was done."""
        query = "&".join(part for part in (self.query, "done=1") if part)
        response = HttpResponseRedirect(f"{path}?{query}")
        response.status_code = 303
        return response


def sentence(refusal: Refusal, *, zone: ZoneInfo) -> str:
    """Return a refusal as a person reads it: its title, why, and until when it would have been possible."""
    said = [f"{refusal.title}."]
    if refusal.detail:
        said.append(refusal.detail)
    until = refusal.data.get("until")
    if isinstance(until, str):
        moment = when(moment=datetime.fromisoformat(until), zone=zone)
        said.append(_("It was possible until %(until)s.") % {"until": moment})
    return " ".join(said)
