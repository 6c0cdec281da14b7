"""What every page for a customer does: kept by nobody, in their language, a refusal as a sentence.

Such a page is opened by the access token of a letter and needs no script. Whoever can run one is led on to the page of
the shop window that shows the same, where the window is built. The token stays out of caches, search engines and the
addresses that other sites are told.
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
from django.urls import NoReverseMatch, reverse
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


def window_page(route: str, *args: Any, token: str = "") -> str:
    """Return the address of a page of the shop window, with its token behind the #, where no server reads it."""
    return reverse(route, args=args) + (f"#{token}" if token else "")


class CustomerPage(View):
    """A page that a token opens; without a good one it does not exist.

    `leads_to`: the route of the window's page about the same, to which its address leads on.
    """

    http_method_names = ["get", "head", "post"]
    leads_to = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request, and let nobody keep the answer. Raises Http404."""
        try:
            response = super().dispatch(request, *args, **kwargs)
        except NotFound:
            if not self.leads_to:
                raise Http404 from None
            response = self._closed(*kwargs.values())
        for name, value in PRIVATE.items():
            response.headers[name] = value
        return response

    def _closed(self, *args: Any) -> HttpResponse:
        """Answer that the link opens nothing; in the window an account may, or what this browser has kept."""
        try:
            context = {"window_address": window_page(self.leads_to, *args)}
        except NoReverseMatch:  # no order is called that
            raise Http404 from None
        return render(self.request, "pages/closed.html", context, status=404)

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
        window_address = window_page(self.leads_to, *self.kwargs.values(), token=self.token) if self.leads_to else ""
        others = [
            {
                "code": code,
                "name": translation.get_language_info(code)["name_local"].capitalize(),
                "query": self.carried(language=code),
            }
            for code, _name in settings.LANGUAGES
            if code != current
        ]
        frame = {
            "query": self.query,
            "token": self.token,
            "languages": others,
            "done": "done" in self.request.GET,
            "window_address": window_address,
            "letter_language": current,
        }
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
