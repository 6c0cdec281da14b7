"""Payouts at the desk: who was paid how much for what."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from commissions.admin.statements import entry_row, tip_row
from commissions.models import CommissionEntry, CommissionPayout
from commissions.selectors import RULE
from common.money import format_brl
from desk.pages import ActorColumn, PageAdmin
from desk.shown import name_actors, shown_instant
from payments.models import Tip


@admin.register(CommissionPayout)
class CommissionPayoutAdmin(ActorColumn, PageAdmin):
    """Payouts, newest first."""

    list_display = ("professional", "shown_amount", "until", "method", "shown_paid", "who")
    list_filter = ("professional", "method")
    list_select_related = ("professional",)
    search_fields = ("professional__name", "note")
    search_words = ("professional__name", "note")
    ordering = ("-pk",)
    page_template = "commissions/desk/payout.html"

    @display(description=_("amount"), ordering="amount")
    def shown_amount(self, payout: CommissionPayout) -> str:
        """Show how much."""
        return format_brl(payout.amount)

    @display(description=_("paid at"), ordering="paid_at")
    def shown_paid(self, payout: CommissionPayout) -> str:
        """Show when."""
        return shown_instant(payout.paid_at)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the entries it paid."""
        name_actors([obj])
        entries = CommissionEntry.objects.filter(paid__payout=obj).select_related(
            "line__order", *(f"rule__{name}" for name in RULE)
        )
        return {
            "title": f"{obj.professional} · {format_brl(obj.amount)}",
            "amount": format_brl(obj.amount),
            "tips": [tip_row(tip) for tip in Tip.objects.filter(paid__payout=obj).select_related("order")],
            "rows": [entry_row(entry) for entry in entries.order_by("at", "pk")],
            "can_open": request.user.has_perm("orders.view_order"),
        }
