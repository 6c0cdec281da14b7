"""Pages about one's own account that a letter leads to: confirming an address, choosing a new password.

They need no login and no script: the link's token is the proof, a form sends it on, and nothing changes before that.
Where the window is built, they lead a customer on to its page for the same.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from accounts import services as accounts
from accounts.errors import InvalidToken
from accounts.forms import AddressForm, NewPasswordForm
from accounts.pages.places import sign_in_of
from common import clock
from common.addresses import client_address
from common.errors import Malformed
from desk.pages import page_response
from pages.links import PRIVATE, opened_by_link, token_of
from pages.views import window_page


@method_decorator([never_cache, csrf_protect, sensitive_post_parameters(), opened_by_link], name="dispatch")
class _Page(View):
    title: str | Promise = ""

    def shown(self, request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page; no search engine keeps it, and no other site learns its address."""
        context = {"title": str(self.title), **context}
        return page_response(request, "accounts/page.html", context, status=status, headers=PRIVATE)


class ConfirmEmailPage(_Page):
    """The reader of a mailbox says that the address is theirs."""

    title = gettext_lazy("Confirm your e-mail")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask, because programs that look at links must not confirm anything."""
        onward = window_page("window-own", "confirmar-email", token=token_of(request))
        return self.shown(request, button=_("Yes, this e-mail is mine"), window_address=onward)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm the address."""
        try:
            user = accounts.verify_email(token=token_of(request), now=clock.now())
        except InvalidToken as refusal:
            return self.shown(request, status=400, text=str(refusal.title))
        return self.shown(request, text=_("Thank you! Your e-mail is confirmed."), sign_in=sign_in_of(user))


class NewPasswordPage(_Page):
    """The reader of a mailbox chooses a new password."""

    title = gettext_lazy("Choose a new password")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form where the link is good. The team chooses here, and signs in at the desk."""
        token = token_of(request)
        user = accounts.resettable(token=token)
        if user is None:
            onward = window_page("window-own", "nova-senha")
            return self.shown(request, status=400, text=str(InvalidToken.title), window_address=onward)
        onward = "" if user.is_staff else window_page("window-own", "nova-senha", token=token)
        return self.shown(request, form=NewPasswordForm(), button=_("Save the password"), window_address=onward)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set the password."""
        form = NewPasswordForm(request.POST)
        if form.is_valid():
            token, password = token_of(request), form.cleaned_data["password"]
            try:
                user = accounts.reset_password(token=token, password=password, now=clock.now())
            except InvalidToken as refusal:
                return self.shown(request, status=400, text=str(refusal.title))
            except Malformed as refusal:
                for complaint in refusal.errors:
                    form.add_error("password", complaint.detail)
            else:
                text = _("Your password is saved. Sign in with it.")
                return self.shown(request, text=text, sign_in=sign_in_of(user))
        return self.shown(request, form=form, button=_("Save the password"))


class ForgottenPasswordPage(_Page):
    """Somebody asks for a link to choose a new password."""

    title = gettext_lazy("Forgot your password?")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the address."""
        return self.shown(request, form=AddressForm(), button=_("Send me a link"))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have the link sent; what is said does not depend on whether there is a login."""
        form = AddressForm(request.POST)
        if form.is_valid():
            try:
                accounts.ask_for_reset(
                    email=form.cleaned_data["email"], now=clock.now(), client=client_address(request.META)
                )
            except Malformed as refusal:
                form.add_error("email", refusal.errors[0].detail)
            else:
                return self.shown(request, text=_("If this e-mail has an account, a link is on its way to it."))
        return self.shown(request, form=form, button=_("Send me a link"))
