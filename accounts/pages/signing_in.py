"""Signing in on pages: e-mail and password, then the second step; and the password once more before a change."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts import services as accounts
from accounts.errors import InvalidCredentials, InvalidToken
from accounts.forms import CodeForm, ProofForm, SignInForm
from accounts.models import User
from accounts.pages.places import (
    ACCOUNT,
    DESK,
    OwnPage,
    Place,
    PlacePage,
    is_proved,
    keep_session,
    let_in,
    onwards,
    prove,
    read_object,
    remember_device,
    session_of,
    sign_in_of,
    visitor_of,
)
from common import clock
from common.errors import NotFound, Refusal, TooManyRequests
from desk.pages import page_response
from pages.links import PRIVATE, opened_by_link, token_of
from pages.views import window_page

WAITING = "second_step"
"""Where a session keeps what waits for its second step."""


@sensitive_post_parameters()
@never_cache
def desk_sign_in_page(request: HttpRequest) -> HttpResponse:
    """Let a member of the team in, or ask for the second step."""
    return _signed_in(request, admin.site.login(request), place=DESK)


@sensitive_post_parameters()
@never_cache
def sign_in_page(request: HttpRequest) -> HttpResponse:
    """Let somebody in to the pages of their account, or ask for the second step.

    Whoever was not on the way to one of these pages signs in to the window, where there is one.
    """
    is_led = request.method == "GET" and not request.GET.get("next")
    ask = LoginView.as_view(
        template_name="accounts/sign_in.html",
        authentication_form=SignInForm,
        next_page=ACCOUNT.home,
        extra_context={
            **admin.site.each_context(request),
            "title": gettext("Sign in"),
            "window_address": window_page("window-own", "entrar") if is_led else "",
        },
    )
    response = _signed_in(request, ask(request), place=ACCOUNT)  # type: ignore[arg-type]
    for name, value in PRIVATE.items():
        response.headers[name] = value
    return response


def _signed_in(request: HttpRequest, response: HttpResponse, *, place: Place) -> HttpResponse:
    """Return the answer to a form that was sent: on record, sent on to the second step, or 429 for a locked door."""
    user = request.user
    if request.method == "POST" and response.status_code == 302 and isinstance(user, User):
        keep_session(request, response, user=user, place=place)
    form = response.context_data["form"] if isinstance(response, TemplateResponse) and response.context_data else None
    if form is not None and form.has_error("__all__", code="locked"):
        response.status_code = 429
    if form is not None and form.challenge:
        asked = request.POST.get("next") or request.GET.get("next") or ""
        request.session[WAITING] = {**form.challenge, "next": asked}
        return HttpResponseRedirect(place.url("second-step"))
    return response


class SecondStepPage(PlacePage):
    """Somebody whose password was right shows their second step: a code, a passkey, or a recovery code."""

    template = "accounts/second_step.html"
    title = gettext_lazy("One more step")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for it."""
        waiting = request.session.get(WAITING)
        if waiting is None:
            return HttpResponseRedirect(self.place.sign_in)
        return self._asked(request, waiting, form=CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let them in, or ask again."""
        waiting = request.session.get(WAITING)
        if waiting is None:
            return HttpResponseRedirect(self.place.sign_in)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._asked(request, waiting, form=form, status=400)
        try:
            user = accounts.check_second_factor(
                challenge=waiting["challenge"],
                code=form.cleaned_data["code"],
                credential=read_object(form.cleaned_data["credential"]) if form.cleaned_data["credential"] else None,
                visitor=visitor_of(request, place=self.place),
                now=clock.now(),
            )
        except InvalidToken as refusal:
            del request.session[WAITING]
            messages.error(request, str(refusal.detail))
            return HttpResponseRedirect(self.place.sign_in)
        except (InvalidCredentials, TooManyRequests) as refusal:
            form.add_error(None, str(refusal.detail))
            return self._asked(request, waiting, form=form, status=refusal.status)
        del request.session[WAITING]
        return let_in(
            request, user=user, place=self.place, go_to=onwards(request, place=self.place, asked=waiting["next"])
        )

    def _asked(
        self, request: HttpRequest, waiting: Mapping[str, Any], *, form: CodeForm, status: int = 200
    ) -> HttpResponse:
        methods = waiting["methods"]
        return self.shown(
            request,
            status=status,
            frame="unfold/layouts/unauthenticated.html" if self.place.door == "desk" else self.place.frame,
            form=form,
            passkey=waiting["passkey"],
            has_app="totp" in methods,
            has_code="recovery_code" in methods,
        )


class ProvePage(OwnPage):
    """Somebody who is signed in types their password once more, before they change how they sign in."""

    template = "accounts/security/form.html"
    title = gettext_lazy("Your password, please")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for it."""
        if is_proved(request, now=clock.now()):
            return HttpResponseRedirect(self._onwards(request))
        return self._asked(request, form=ProofForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Go on where they came from."""
        form = ProofForm(request.POST)
        if not form.is_valid():
            return self._asked(request, form=form, status=400)
        user, now = request.user, clock.now()
        assert isinstance(user, User)
        try:
            accounts.prove_again(
                user=user,
                password=form.cleaned_data["password"],
                visitor=visitor_of(request, place=self.place),
                session=session_of(request),
                now=now,
            )
        except (InvalidCredentials, TooManyRequests) as refusal:
            form.add_error("password", str(refusal.detail))
            return self._asked(request, form=form, status=refusal.status)
        prove(request, now=now)
        return HttpResponseRedirect(self._onwards(request))

    def _onwards(self, request: HttpRequest) -> str:
        asked = request.GET.get("next") or self.place.url("security")
        return onwards(request, place=self.place, asked=asked)

    def _asked(self, request: HttpRequest, *, form: ProofForm, status: int = 200) -> HttpResponse:
        intro = gettext("Before you change how you sign in, we make sure that it is you.")
        return self.shown(request, status=status, form=form, intro=intro, button=gettext("Go on"))


class SignOutPage(OwnPage):
    """Somebody leaves the pages of their account."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign them out."""
        session, user = session_of(request), request.user
        if session is not None and isinstance(user, User):
            with suppress(NotFound):
                accounts.end_session(user=user, public_id=session, now=clock.now())
        logout(request)
        return HttpResponseRedirect(self.place.sign_in)


@never_cache
@csrf_protect
@opened_by_link
def unlock_page(request: HttpRequest) -> HttpResponse:
    """Open a locked account for the device on which the letter's link is followed."""
    token = token_of(request)
    user = accounts.unlockable(token=token)
    if user is not None and request.method == "POST":
        with suppress(Refusal):
            user = accounts.unlock(token=token, now=clock.now())
            response = _opened(request, user=user, text=gettext("Your account is open again on this device. Sign in."))
            remember_device(response, user=user)
            return response
        user = None
    context = {"title": gettext("Sign in again"), "known": user is not None}
    return page_response(request, "accounts/unlock.html", context, status=200 if user is not None else 404)


def _opened(request: HttpRequest, *, user: User, text: str) -> HttpResponse:
    """Say that an account is open again: where the team signs in, and to a customer with the way there."""
    if user.is_staff:
        messages.success(request, text)
        return HttpResponseRedirect(sign_in_of(user))
    context = {"title": gettext("Sign in again"), "text": text, "sign_in": sign_in_of(user)}
    return page_response(request, "accounts/page.html", context)
