"""The two places where people look after their login: the desk, for the team, and /conta/, for everybody.

The pages are the same; a place says how they are framed, and where they are.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts import selectors
from accounts import services as accounts
from accounts.authentication import PAGE_SESSION
from accounts.models import User
from accounts.tokens import DEVICE_COOKIE, PROOF_LIFE
from common import clock
from desk.pages import page_response
from pages.links import PRIVATE

DEVICE_LIFE = timedelta(days=400)
PAGES = ("security", "app", "remove-app", "passkey", "codes")
PROVED = "proved_at"


@dataclass(frozen=True)
class Place:
    """Where people look after their login."""

    door: str
    routes: str
    frame: str

    def url(self, page: str, *args: Any) -> str:
        """Return the address of a page of this place."""
        return reverse(f"{self.routes}-{page}", args=args)

    @property
    def sign_in(self) -> str:
        """Return where one signs in."""
        return reverse("admin:login") if self.door == "desk" else self.url("sign-in")

    @property
    def home(self) -> str:
        """Return where one comes after signing in."""
        return reverse("admin:index") if self.door == "desk" else self.url("security")

    def lets_in(self, user: Any) -> bool:
        """Say whether pages of this place are for somebody."""
        return isinstance(user, User) and user.is_active and (user.is_staff or self.door != "desk")


DESK = Place(door="desk", routes="desk", frame="accounts/security/desk.html")
ACCOUNT = Place(door="api", routes="account", frame="accounts/frame.html")


def place_of(user: User) -> Place:
    """Return where somebody looks after their login."""
    return DESK if user.is_staff else ACCOUNT


def sign_in_of(user: User) -> str:
    """Return the address where somebody signs in; that of a customer leads into the shop window, where there is one."""
    return place_of(user).sign_in


@method_decorator([never_cache, csrf_protect, sensitive_post_parameters()], name="dispatch")
class PlacePage(View):
    """A page of either place; no search engine keeps it, and no other site learns its address."""

    http_method_names = ["get", "head", "post"]
    place: Place = ACCOUNT
    title: str | Promise = ""
    template = ""

    def shown(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page in the frame of its place."""
        whole = {
            "title": str(self.title),
            "frame": self.place.frame,
            "place": self.place,
            "urls": {page.replace("-", "_"): self.place.url(page) for page in PAGES},
            **context,
        }
        return page_response(request, self.template, whole, status=status, headers=PRIVATE)


class OwnPage(PlacePage):
    """A page of somebody who signed in; where `proved`, of somebody who typed their password a moment ago."""

    proved = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request, once it is sure who asks."""
        if not self.place.lets_in(request.user):
            return redirect_to_login(request.get_full_path(), self.place.sign_in)
        if self.proved and not is_proved(request, now=clock.now()):
            here = request.get_full_path() if request.method == "GET" else self.place.url("security")
            return redirect_to_login(here, self.place.url("prove"))
        return super().dispatch(request, *args, **kwargs)


def visitor_of(request: HttpRequest, *, place: Place) -> accounts.Visitor:
    """Return who asks, from where."""
    device = request.COOKIES.get(DEVICE_COOKIE, "")
    return accounts.visitor_of(meta=request.META, door=place.door, device_token=device)


def session_of(request: HttpRequest) -> UUID | None:
    """Return the session that is on record for a request; None for one that is not."""
    named = request.session.get(PAGE_SESSION)
    return UUID(named) if named else None


def is_proved(request: HttpRequest, *, now: datetime) -> bool:
    """Say whether the password was typed a moment ago."""
    return bool(request.session.get(PROVED, 0) > (now - PROOF_LIFE).timestamp())


def prove(request: HttpRequest, *, now: datetime) -> None:
    """Remember that the password was typed just now."""
    request.session[PROVED] = now.timestamp()


def let_in(request: HttpRequest, *, user: User, place: Place, go_to: str) -> HttpResponse:
    """Sign somebody in who has proved who they are, and go on; the device is known from now on."""
    login(request, user)
    response = HttpResponseRedirect(go_to)
    keep_session(request, response, user=user, place=place)
    return response


def keep_session(request: HttpRequest, response: HttpResponse, *, user: User, place: Place) -> None:
    """Write a session down that has just begun, and remember the device."""
    now = clock.now()
    session = accounts.begin_page_session(user=user, visitor=visitor_of(request, place=place), now=now)
    request.session[PAGE_SESSION] = str(session)
    if selectors.must_enrol(user=user):
        prove(request, now=now)  # the first thing they are asked for should not be what they have just typed
    remember_device(response, user=user)


def remember_device(response: HttpResponse, *, user: User) -> None:
    """Let the browser be known as a device of this login."""
    response.set_cookie(
        DEVICE_COOKIE,
        accounts.device_token(user=user),
        max_age=DEVICE_LIFE,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def onwards(request: HttpRequest, *, place: Place, asked: str) -> str:
    """Return where to go on to: what was asked for if it is a page of ours, otherwise the place's home."""
    ours = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if asked and ours else place.home


def read_object(text: str) -> dict[str, Any]:
    """Return the JSON object that a script put into a form; an empty one for what cannot be read."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
