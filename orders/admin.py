"""The desk's page of guests: people who ordered without an account, one row for each e-mail.

The row is the latest `OrderContact` of that e-mail. Nobody has proved to read the mailbox, so the page
says so. The orders themselves have their page in `backoffice`, because it joins them with the money.
"""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common import clock
from common.money import format_brl
from desk.pages import PageAdmin
from desk.shown import shown_instant, shown_phone
from orders.amounts import shown_total
from orders.lifecycle import effective_status
from orders.models import Order, OrderContact
from orders.selectors import costs_now

NOTHING = Decimal(0)
SHOWN_ORDERS = 50
COUNTED = (Order.Status.CONFIRMED, Order.Status.COMPLETED)


GUESTS = Q(order__customer__isnull=True, anonymised_at__isnull=True) & ~Q(email="")
"""Contacts of orders without an account that name an e-mail and whose people have not been erased.

Those without one, as of most sales at the counter, are no one person's.
"""


@admin.register(OrderContact)
class GuestAdmin(PageAdmin):
    """Guests, grouped by e-mail, the latest first."""

    list_display = ("name_and_phone", "email", "verified", "orders", "spent", "last_order")
    search_fields = ("search_key",)
    search_key_field = "search_key"
    search_help_text = _("Name, e-mail, phone or CPF")
    ordering = ("-pk",)
    page_template = "orders/desk/guest.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderContact]:
        """Return the latest contact of each e-mail, with the number and worth of its orders."""
        same = OrderContact.objects.filter(GUESTS, email=OuterRef("email")).order_by().values("email")
        confirmed = same.filter(order__status__in=COUNTED)
        later = OrderContact.objects.filter(GUESTS, email=OuterRef("email"), pk__gt=OuterRef("pk"))
        found: QuerySet[OrderContact] = super().get_queryset(request).select_related("order")
        return (
            found.filter(GUESTS)
            .exclude(Exists(later))
            .annotate(
                orders=Subquery(same.annotate(orders=Count("pk")).values("orders")),
                spent=Subquery(confirmed.annotate(spent=Sum(costs_now(order="order__"))).values("spent")),
            )
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the list under the name people know it by."""
        title = {"title": _("Guests without an account")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @display(description=_("name"), header=True)
    def name_and_phone(self, contact: OrderContact) -> list[str]:
        """Show what the guest is called."""
        return [str(contact), shown_phone(contact.phone)]

    @display(description=_("e-mail verified"), label={"no": "warning"})
    def verified(self, contact: OrderContact) -> tuple[str, Any]:
        """Warn that nobody has proved to read this mailbox."""
        return "no", _("Not verified")

    @display(description=_("orders"))
    def orders(self, contact: Any) -> int:
        """Show how many orders carry this e-mail."""
        return int(contact.orders)

    @display(description=_("bought"))
    def spent(self, contact: Any) -> str:
        """Show what the confirmed ones are worth."""
        return format_brl(contact.spent or NOTHING)

    @display(description=_("last order"), ordering="pk")
    def last_order(self, contact: OrderContact) -> str:
        """Show when the latest order was placed."""
        return shown_instant(contact.order.placed_at)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the orders of that e-mail."""
        now = clock.now()
        found = Order.objects.filter(contact__email=obj.email, customer__isnull=True).order_by("-pk")
        rows = []
        for order in found[:SHOWN_ORDERS]:
            status = effective_status(status=order.status, expires_at=order.expires_at, now=now)
            total = format_brl(shown_total(order=order))
            rows.append({"order": order, "status": Order.Status(status).label, "total": total})
        return {
            "title": obj.name,
            "phone": shown_phone(obj.phone),
            "rows": rows,
            "spent": format_brl(obj.spent or NOTHING),
            "can_open": request.user.has_perm("orders.view_order"),
        }
