"""The ways to pay at the desk: what each goes through, what is missing for it, and whether its service answers."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from desk.pages import PageAdmin, require
from payments.gateways import calls, registry
from payments.gateways.protocol import Declined, Unreachable
from payments.wording import method_names
from shop import services as shop
from shop.policy import BY_GATEWAY, PAYMENT_METHODS, STATIC_PIX, Policy
from shop.selectors import chosen_methods

TESTS = "shop.change_shopsettings"


@dataclass(frozen=True)
class Row:
    """One way to pay. `gateway`: the service that can be asked whether it is there; empty where there is none."""

    name: str
    state: str
    colour: str
    through: str = ""
    gateway: str = ""
    missing: list[str] = field(default_factory=list)


class MethodsPage(PageAdmin):
    """Adds the page to the list of payments."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the ways to pay."""
        methods = self.admin_site.admin_view(self.methods)
        return [path("methods/", methods, name="payments_payment_methods"), *super().get_urls()]

    def methods(self, request: HttpRequest) -> HttpResponse:
        """Show the ways to pay, or ask the service of one whether it is there."""
        require(request, "shop.view_shopsettings")
        if request.method == "POST":
            require(request, TESTS)
            _test(request, request.POST.get("gateway", ""))
            return HttpResponseRedirect(reverse("admin:payments_payment_methods"))
        context: dict[str, Any] = {
            "title": gettext("Ways to pay"),
            "methods": rows(policy=shop.policy(), chosen=chosen_methods()),
            "can_test": request.user.has_perm(TESTS),
            "can_change": request.user.has_perm("shop.view_shopsettings"),
        }
        return self.page(request, template="payments/desk/methods.html", obj=None, context=context)


def rows(*, policy: Policy, chosen: tuple[str, ...]) -> list[Row]:
    """Return every way to pay, with what is missing for it."""
    names = method_names()
    return [_row(method, name=names[method], policy=policy, chosen=chosen) for method in PAYMENT_METHODS]


def _row(method: str, *, name: str, policy: Policy, chosen: tuple[str, ...]) -> Row:
    through = settings.PAYMENT_GATEWAYS.get(method, "") if method in BY_GATEWAY else ""
    missing = _missing(method, through=through, policy=policy)
    state, colour = gettext("Offered"), "success"
    if missing:
        state, colour = gettext("Something is missing"), "warning"
    if method not in chosen:
        state, colour = gettext("Not chosen"), "info"
    return Row(
        name=name,
        state=state,
        colour=colour,
        through=registry.shown_name(through) if through else "",
        gateway=through if through and registry.remote(through) is not None else "",
        missing=missing,
    )


def _missing(method: str, *, through: str, policy: Policy) -> list[str]:
    """Return what has to be done before customers can pay so, in sentences."""
    if method == "transfer" and not policy.transfer_instructions:
        return [gettext("The bank details are missing.")]
    if method not in BY_GATEWAY:
        return []
    if through == STATIC_PIX and method == STATIC_PIX:
        key = [] if policy.pix_key else [gettext("The Pix key is missing.")]
        return (
            key if policy.currency == "BRL" else [*key, gettext("Pix is paid in reais; the shop has another currency.")]
        )
    if not through:
        return [gettext("No payment service is set up for it. Whoever runs the shop's server does that.")]
    gateway = registry.remote(through)
    called = {"gateway": registry.shown_name(through)}
    if gateway is None:
        return [gettext("The access data of %(gateway)s are missing on the server.") % called]
    if method not in gateway.methods:
        return [gettext("%(gateway)s does not take it.") % called]
    return []


def _test(request: HttpRequest, name: str) -> None:
    """Ask a service something harmless, with no transaction open, and say what it answered."""
    gateway = registry.remote(name)
    if gateway is None:
        messages.error(request, gettext("There is no such payment service here."))
        return
    called = {"gateway": registry.shown_name(name)}
    try:
        found = calls.call(gateway, gateway.check_connection, tries=1)
    except Unreachable:
        messages.error(request, gettext("%(gateway)s does not answer. Try again in a moment.") % called)
    except Declined as declined:
        why = gettext("%(gateway)s answers, and refuses the access data: %(why)s") % {
            **called,
            "why": str(declined)[:100],
        }
        messages.error(request, why)
    else:
        if not found.ok:
            messages.error(
                request,
                gettext("%(gateway)s answers, but not as it should: %(why)s") % {**called, "why": found.detail[:100]},
            )
            return
        mode = (
            {True: gettext("real money"), False: gettext("test money")}.get(found.live)
            if found.live is not None
            else ""
        )
        text = gettext("%(gateway)s answers. The connection is good.") % called
        messages.success(request, f"{text} ({mode})" if mode else text)
