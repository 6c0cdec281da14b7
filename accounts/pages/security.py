"""How one signs in: the authenticator app, passkeys, recovery codes, sessions, and who tried."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, gettext_lazy

from accounts import selectors
from accounts import services as accounts
from accounts.errors import InvalidToken
from accounts.forms import AppForm, PasskeyForm
from accounts.models import User
from accounts.pages.places import OwnPage, read_object, session_of
from accounts.wording import program_of
from common import clock
from common.errors import Malformed, NotFound, Refusal

PASSKEY = "passkey_to_make"


class _OwnPage(OwnPage):
    @property
    def user(self) -> User:
        """The person who is signed in."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    def stay(self) -> None:
        """Let this session go on, after a change that ended all others."""
        update_session_auth_hash(self.request, User.objects.get(pk=self.user.pk))

    def done(self, text: str, *, codes: list[str]) -> HttpResponse:
        """Show new recovery codes, once; without any, go back and say what was done."""
        self.stay()
        if codes:
            return self.shown_codes(text, codes=codes)
        messages.success(self.request, text)
        return HttpResponseRedirect(self.place.url("security"))

    def shown_codes(self, text: str, *, codes: list[str]) -> HttpResponse:
        """Show recovery codes."""
        self.template, self.title = "accounts/security/codes.html", gettext("Your recovery codes")
        return self.shown(self.request, text=text, codes=codes)


class SecurityPage(_OwnPage):
    """What there is, and buttons to change it."""

    template = "accounts/security/security.html"
    title = gettext_lazy("How you sign in")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        factors = selectors.factors_of(user=self.user)
        sessions = list(selectors.sessions_of(user=self.user, now=clock.now())[:20])
        sign_ins = selectors.sign_ins_of(user=self.user, limit=10)
        for passkey in factors["passkeys"]:
            passkey.remove = self.place.url("remove-passkey", passkey.pk)
        for session in sessions:
            session.current = session.public_id == session_of(request)  # type: ignore[attr-defined]
            session.end = self.place.url("end-session", session.public_id)  # type: ignore[attr-defined]
        for row in (*sessions, *sign_ins):
            row.program = program_of(row.agent)  # type: ignore[attr-defined]
        return self.shown(
            request,
            **factors,
            must_enrol=selectors.must_enrol(user=self.user),
            passkeys_work=bool(settings.OTP_WEBAUTHN_ALLOWED_ORIGINS),
            sessions=sessions,
            sign_ins=sign_ins,
        )


class AppPage(_OwnPage):
    """Somebody sets up an authenticator app: scan, type the code, done."""

    template = "accounts/security/app.html"
    title = gettext_lazy("Authenticator app")
    proved = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a new secret; it is worth nothing before a code proves that the app has it."""
        return self._asked("", form=AppForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the app up, if the code is one of its secret."""
        try:
            secret = accounts.secret_of(user=self.user, sealed=request.POST.get("secret", ""))
        except InvalidToken as refusal:
            messages.error(request, str(refusal.detail))
            return HttpResponseRedirect(self.place.url("app"))
        form = AppForm(request.POST)
        if not form.is_valid():
            return self._asked(secret, form=form, status=400)
        try:
            codes = accounts.add_app(
                user=self.user,
                secret=secret,
                code=form.cleaned_data["code"],
                now=clock.now(),
                session=session_of(request),
            )
        except Malformed as refusal:
            form.add_error("code", refusal.errors[0].detail)
            return self._asked(secret, form=form, status=400)
        return self.done(gettext("The app is set up. From now on we ask for its code."), codes=codes)

    def _asked(self, secret: str, *, form: AppForm, status: int = 200) -> HttpResponse:
        app = accounts.app_to_add(user=self.user, secret=secret)
        picture = segno.make(app.address, error="m").svg_inline(scale=4, border=4, light="white", svgclass="qr")
        return self.shown(
            self.request,
            status=status,
            form=form,
            picture=mark_safe(picture),  # noqa: S308 - drawn by segno: squares and no text
            words=app.words,
            address=app.address,
            sealed=app.sealed,
        )


class RemoveAppPage(_OwnPage):
    """Somebody no longer uses an authenticator app."""

    http_method_names = ["post"]
    proved = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Remove it."""
        try:
            accounts.remove_app(user=self.user, now=clock.now(), session=session_of(request))
        except Refusal as refusal:
            messages.error(request, str(refusal.title))
            return HttpResponseRedirect(self.place.url("security"))
        return self.done(gettext("The app is no longer asked for."), codes=[])


class PasskeyPage(_OwnPage):
    """Somebody adds a passkey: a name, then the device makes it."""

    template = "accounts/security/passkey.html"
    title = gettext_lazy("New passkey")
    proved = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for a name."""
        return self.shown(request, form=PasskeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Ask the device for a passkey; then keep what it made."""
        if "credential" in request.POST:
            return self._kept(request)
        form = PasskeyForm(request.POST)
        if not form.is_valid():
            return self.shown(request, form=form, status=400)
        options, state = accounts.passkey_to_make(user=self.user)
        request.session[PASSKEY] = {"name": form.cleaned_data["name"], "state": state}
        return self.shown(request, options=options, name=form.cleaned_data["name"])

    def _kept(self, request: HttpRequest) -> HttpResponse:
        waiting = request.session.pop(PASSKEY, None)
        if waiting is None:
            return HttpResponseRedirect(self.place.url("passkey"))
        try:
            codes = accounts.add_passkey(
                user=self.user,
                state=waiting["state"],
                credential=read_object(request.POST["credential"]),
                name=waiting["name"],
                now=clock.now(),
                session=session_of(request),
            )
        except Malformed as refusal:
            messages.error(request, refusal.errors[0].detail)
            return HttpResponseRedirect(self.place.url("security"))
        return self.done(gettext("The passkey is set up. From now on you can sign in with it."), codes=codes)


class RemovePasskeyPage(_OwnPage):
    """Somebody no longer uses a passkey."""

    http_method_names = ["post"]
    proved = True

    def post(self, request: HttpRequest, number: int) -> HttpResponse:
        """Remove it."""
        try:
            accounts.remove_passkey(user=self.user, passkey=number, now=clock.now(), session=session_of(request))
        except NotFound:
            messages.error(request, gettext("This passkey was removed before."))
            return HttpResponseRedirect(self.place.url("security"))
        except Refusal as refusal:
            messages.error(request, str(refusal.title))
            return HttpResponseRedirect(self.place.url("security"))
        return self.done(gettext("The passkey is removed."), codes=[])


class CodesPage(_OwnPage):
    """Somebody wants new recovery codes."""

    http_method_names = ["post"]
    proved = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show them; the old ones are worth nothing from now on."""
        try:
            codes = accounts.renew_codes(user=self.user, now=clock.now(), session=session_of(request))
        except NotFound:
            return HttpResponseRedirect(self.place.url("security"))
        return self.done(gettext("The codes you had before are worth nothing now."), codes=codes)


class EndSessionPage(_OwnPage):
    """Somebody signs out somewhere else."""

    http_method_names = ["post"]
    proved = True

    def post(self, request: HttpRequest, public_id: Any) -> HttpResponse:
        """End that session."""
        try:
            accounts.end_session(user=self.user, public_id=public_id, now=clock.now())
            messages.success(request, gettext("Signed out there."))
        except NotFound:
            messages.error(request, gettext("That session was over already."))
        return HttpResponseRedirect(self.place.url("security"))
