"""The desk's pages of the money: what came in, what went back, and what is still owed back.

Money is recorded on the page of its order. Here it is read, except that an owed refund is marked as given back.
"""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common import clock
from common.errors import Refusal
from common.money import format_brl
from common.search import matching
from desk.admin import desk_actor
from desk.pages import PageAdmin, Question, ask, posted
from desk.shown import name_actors, shown_instant
from orders import selectors as orders
from orders.access import CONTACTS
from payments import services as payments
from payments.admin.methods import MethodsPage
from payments.admin.statements import StatementPage
from payments.forms import SettleForm, reason_text
from payments.gateways.registry import is_remote, shown_name
from payments.models import MoneyStep, Payment, Refund
from payments.selectors import events_of, steps_of

STATUS_COLOURS = {
    "pending": "warning",
    "succeeded": "success",
    "failed": "danger",
    "expired": "info",
    "cancelled": "info",
    "due": "warning",
    "sent": "info",
    "refused": "danger",
}


class MoneyPages(PageAdmin):
    """What the lists of money have in common."""

    list_select_related: tuple[str, ...] = ("order__contact",)
    search_help_text = _("Order number, name, e-mail or phone")
    ordering: tuple[str, ...] = ("-pk",)

    def search_help(self, request: HttpRequest) -> Any:
        """Name what whoever asks finds money by."""
        return self.search_help_text if request.user.has_perm(CONTACTS) else _("Order number or name")

    def search_condition(self, request: HttpRequest, text: str) -> Q:
        """Find what belongs to an order, by its number and its people, or what was written beside the money."""
        written = matching(text=text, words=self.search_words) if self.search_words else Q()
        for column in self.search_also:
            written |= Q(**{f"{column}__icontains": text.strip()})
        rows = self.model._default_manager
        names_only = not request.user.has_perm(CONTACTS)
        of_orders = rows.filter(orders.search(text=text, order="order__", names_only=names_only)).values("pk")
        return Q(pk__in=of_orders.union(rows.filter(written).values("pk")))  # each side by its own index

    @display(description=_("order"), ordering="order__number", header=True)
    def order_and_name(self, row: Any) -> list[str]:
        """Show the order, and whose it is."""
        return [row.order.number, row.order.contact.shown_name]

    @display(description=_("amount"), ordering="amount")
    def shown_amount(self, row: Any) -> str:
        """Show how much."""
        return format_brl(row.amount)

    @display(description=_("status"), ordering="status", label=STATUS_COLOURS)
    def shown_status(self, row: Any) -> tuple[str, str]:
        """Show whether the money has moved."""
        return row.status, row.get_status_display()

    @display(description=_("created at"), ordering="pk")
    def shown_created(self, row: Any) -> str:
        """Show when it was written down."""
        return shown_instant(row.created_at)

    @display(description=_("who"))
    def who(self, row: Any) -> str:
        """Show who wrote it down."""
        return str(row.actor_name)


@admin.register(Payment)
class PaymentAdmin(MethodsPage, StatementPage, MoneyPages):
    """Money that came in or was announced."""

    list_display = (
        "order_and_name",
        "shown_amount",
        "method",
        "shown_status",
        "reference",
        "who",
        "shown_created",
        "shown_received",
    )
    list_filter = ("status", "method")
    search_fields = ("order__number", "reference")
    search_also = ("reference",)
    page_template = "payments/desk/payment.html"

    @display(description=_("received at"), ordering="received_at")
    def shown_received(self, payment: Payment) -> str:
        """Show when the money came."""
        return shown_instant(payment.received_at)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return who recorded it, every step it went, and what its gateway told of it."""
        name_actors([obj])
        steps = _history(steps_of(payment=obj), names=dict(Payment.Status.choices))
        events = events_of(payment=obj) if request.user.has_perm("payments.view_gatewayevent") else []
        more = {"steps": steps, "events": events, "gateway": shown_name(obj.gateway)}
        return _shown(request, obj) | more


@admin.register(Refund)
class RefundAdmin(MoneyPages):
    """Money that went back, or still has to."""

    list_display = ("order_and_name", "shown_amount", "shown_status", "shown_reason", "who", "shown_created")
    list_filter = ("status",)
    search_fields = ("order__number", "reason")
    search_words = ("reason",)
    page_template = "payments/desk/refund.html"

    @display(description=_("reason"))
    def shown_reason(self, refund: Refund) -> str:
        """Show why."""
        return reason_text(reason=refund.reason)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return who decided it, and whether it can be marked as given back."""
        name_actors([obj])
        due = obj.status in (Refund.Status.DUE, Refund.Status.REFUSED)
        can_settle = due and payments.gives_back(user=request.user, actor=desk_actor(request))
        steps = _history(steps_of(refund=obj), names=dict(Refund.Status.choices))
        more = {"can_settle": can_settle, "reason": reason_text(reason=obj.reason), "steps": steps}
        return _shown(request, obj) | more

    def get_urls(self) -> list[URLPattern]:
        """Add the page that marks a refund as given back."""
        settle = self.admin_site.admin_view(self.settle)
        return [path("<int:pk>/settle/", settle, name="payments_refund_settle"), *super().get_urls()]

    def settle(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether the money went back, and write it down."""
        if not payments.gives_back(user=request.user, actor=desk_actor(request)):
            raise PermissionDenied
        refund = get_object_or_404(Refund.objects.select_related("order__contact", "payment"), pk=pk)
        form = SettleForm(posted(request))
        refusal = None
        if request.method == "POST" and form.is_valid():
            try:
                payments.settle_refund(
                    refund_id=refund.public_id,
                    handed=form.cleaned_data["handed"],
                    actor=desk_actor(request),
                    now=clock.now(),
                )
            except Refusal as refused:
                refusal = refused
            else:
                messages.success(request, gettext("Written down: the money went back."))
                return HttpResponseRedirect(reverse("admin:payments_refund_change", args=[pk]))
        question = Question(
            title=gettext("Did the money go back?"),
            intro=_how_to_settle(refund),
            submit=gettext("Yes, it went back"),
            back=reverse("admin:payments_refund_change", args=[pk]),
            facts=[
                (gettext("Order number"), refund.order.number),
                (gettext("Customer"), refund.order.contact.shown_name),
                (gettext("Amount"), format_brl(refund.amount)),
            ],
        )
        return ask(request, admin=self, question=question, form=form, obj=refund, refusal=refusal)


def _how_to_settle(refund: Refund) -> str:
    """Return what has to happen before a refund is marked as given back."""
    payment = refund.payment
    if refund.status == Refund.Status.DUE and payment is not None and is_remote(payment.gateway):
        text = gettext(
            "%(gateway)s gives it back by itself in a moment. Only if you give it back by hand, say so here."
        )
        return text % {"gateway": shown_name(payment.gateway)}
    return gettext("Give it back first, by transfer or in cash, then write it down here.")


def _history(steps: list[MoneyStep], *, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Return steps as the page shows them."""
    name_actors(steps)
    return [
        {
            "status": names.get(step.to_status, step.to_status),
            "colour": STATUS_COLOURS.get(step.to_status, ""),
            "at": step.at,
            "who": getattr(step, "actor_name", ""),
            "reason": reason_text(reason=step.reason),
        }
        for step in steps
    ]


def _shown(request: HttpRequest, row: Any) -> dict[str, Any]:
    return {
        "title": f"{format_brl(row.amount)} · {row.order.number}",
        "amount": format_brl(row.amount),
        "status": STATUS_COLOURS[row.status],
        "can_open": request.user.has_perm("orders.view_order"),
    }
