"""The money inbox at the desk: what did not come or go as it should, and one click for what is decided about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common import clock
from common.errors import NotFound, Refusal
from common.money import format_amount
from desk.admin import desk_actor
from desk.pages import require
from desk.refusals import explained
from desk.shown import name_actors, shown_instant
from payments import services as payments
from payments.admin.money import MoneyPages
from payments.forms import ResolveForm
from payments.gateways.registry import shown_name
from payments.models import MoneyCase, Refund
from payments.selectors import can_take, is_counted
from payments.wording import case_detail, case_story

RESOLVE = "payments.change_moneycase"
COLOURS = {"open": "warning", "settled": "success"}
TOLD = ("revived", "too_late", "second", "too_much")
"""Cases that only tell of what was done already."""


@admin.register(MoneyCase)
class MoneyCaseAdmin(MoneyPages):
    """Cases, the open ones first."""

    list_display = ("what", "order_and_name", "shown_amount", "shown_gateway", "shown_opened", "shown_status")
    list_display_links = ("what",)
    list_filter = ("status", "kind")
    list_select_related = ("order__contact", "payment", "refund")
    search_fields = ("order__number", "detail")
    search_also = ("cause",)
    search_words = ("detail",)
    ordering = ("status", "-pk")
    page_template = "payments/desk/case.html"

    @display(description=_("what happened"), ordering="kind")
    def what(self, case: MoneyCase) -> str:
        """Show what is the matter."""
        return case.get_kind_display()

    @display(description=_("order"), ordering="order__number", header=True)
    def order_and_name(self, row: Any) -> list[str]:
        """Show the order, and whose it is; nothing where it is of none we know."""
        return [row.order.number, row.order.contact.shown_name] if row.order else ["-", ""]

    @display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Any) -> str:
        """Show how much."""
        return _amount(row)

    @display(description=_("came by"))
    def shown_gateway(self, case: MoneyCase) -> str:
        """Show which way the money came."""
        return shown_name(case.gateway) or "-"

    @display(description=_("when"), ordering="opened_at")
    def shown_opened(self, case: MoneyCase) -> str:
        """Show when it was found."""
        return shown_instant(case.opened_at)

    @display(description=_("status"), ordering="status", label=COLOURS)
    def shown_status(self, row: Any) -> tuple[str, str]:
        """Show whether it is settled."""
        return row.status, row.get_status_display()

    def get_queryset(self, request: HttpRequest) -> QuerySet[MoneyCase]:
        """Return the cases with what is shown of them."""
        found: QuerySet[MoneyCase] = super().get_queryset(request)
        return found.select_related("order__contact", "payment", "refund")

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return what happened, and what can be decided about it."""
        name_actors([obj])
        may = request.user.has_perm(RESOLVE)
        counted = obj.status == MoneyCase.Status.OPEN and is_counted(case=obj)
        return {
            "title": f"{obj.get_kind_display()} · {_amount(obj)}" if obj.amount else obj.get_kind_display(),
            "story": case_story(case=obj, counted=counted),
            "detail": case_detail(detail=obj.detail),
            "amount": _amount(obj),
            "gateway": shown_name(obj.gateway),
            "status": COLOURS[obj.status],
            "verbs": verbs_of(obj) if may else (),
            "order_url": self._page("orders_order_change", obj.order_id, request, "orders.view_order"),
            "payment_url": self._page("payments_payment_change", obj.payment_id, request, "payments.view_payment"),
            "refund_url": self._page("payments_refund_change", obj.refund_id, request, "payments.view_refund"),
            "resolve_url": reverse("admin:payments_moneycase_resolve", args=[obj.pk]),
            "form": ResolveForm(),
        }

    def _page(self, name: str, pk: int | None, request: HttpRequest, permission: str) -> str:
        return reverse(f"admin:{name}", args=[pk]) if pk and request.user.has_perm(permission) else ""

    def get_urls(self) -> list[URLPattern]:
        """Add where decisions are sent to."""
        resolve = self.admin_site.admin_view(self.resolve)
        return [path("<int:pk>/resolve/", resolve, name="payments_moneycase_resolve"), *super().get_urls()]

    def resolve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do what was decided; a refusal comes back on the page, with what was typed."""
        require(request, RESOLVE)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        case = get_object_or_404(self.get_queryset(request), pk=pk)
        form = ResolveForm(request.POST)
        problem = ""
        if form.is_valid() and form.cleaned_data["verb"] not in verbs_of(case):
            problem = gettext("This is settled already, or no longer possible.")
        elif form.is_valid():
            try:
                _decide(request, case, form.cleaned_data)
            except NotFound:
                problem = gettext("There is no order of that number.")
            except Refusal as refusal:
                problem = explained(refusal)
            else:
                messages.success(request, gettext("Settled."))
                return HttpResponseRedirect(reverse("admin:payments_moneycase_change", args=[pk]))
        case.refresh_from_db()
        context = self.page_context(request, case) | {"form": form, "problem": problem}
        return self.page(request, template=self.page_template, obj=case, context=context, status=400)


def verbs_of(case: MoneyCase) -> tuple[str, ...]:
    """Return what can be decided about a case, the usual first."""
    if case.status != MoneyCase.Status.OPEN:
        return ()
    if case.kind in TOLD:
        return ("seen", "settle")
    if case.refund is not None and case.refund.status == Refund.Status.REFUSED:
        return ("again", "by_hand", "settle")
    if can_take(case=case, currency=case.order.currency if case.order else case.currency):
        return ("accept", "refund", "attach", "settle") if case.order else ("attach", "settle")
    return ("settle",)


def _decide(request: HttpRequest, case: MoneyCase, said: dict[str, str]) -> None:
    """Call what was decided. Raises what it refuses."""
    verb, number, note = said["verb"], said["number"], said["note"]
    of: dict[str, Any] = {"case_id": case.public_id, "actor": desk_actor(request), "now": clock.now()}
    own = case.order.number if case.order else ""
    decisions: dict[str, Callable[[], Any]] = {
        "seen": lambda: payments.settle_case(resolution=gettext("Seen, in order"), **of),
        "settle": lambda: payments.settle_case(resolution=note, **of),
        "accept": lambda: payments.take_case(number=own, resolution=gettext("Accepted for its order"), **of),
        "attach": lambda: payments.take_case(
            number=number, resolution=gettext("Taken for order %(number)s") % {"number": number}, **of
        ),
        "refund": lambda: payments.give_case_back(resolution=gettext("Goes back to the customer"), **of),
        "again": lambda: payments.settle_refused(by_hand=False, resolution=gettext("The refund is tried again"), **of),
        "by_hand": lambda: payments.settle_refused(by_hand=True, resolution=gettext("Given back by hand"), **of),
    }
    decisions[verb]()


def _amount(case: MoneyCase) -> str:
    return format_amount(case.amount, currency=case.currency or "BRL") if case.amount is not None else "-"
