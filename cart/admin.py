"""The desk's pages of the carts: who is choosing what, and until when it is kept for them. Nothing here writes."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from cart import selectors
from cart.models import Cart, CartLine
from cart.pricing import price
from catalog.units import PIECES, cost_expression, shown_price, shown_quantity
from common import clock
from common.money import format_brl
from desk.pages import PageAdmin
from desk.shown import shown_instant
from shop import services as shop

NOTHING = Decimal(0)
STATUS_COLOURS = {"open": "info", "ordered": "success", "expired": "warning", "merged": ""}


class StatusFilter(admin.SimpleListFilter):
    """The status as it is at this moment, swept or not."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer every status."""
        return list(Cart.Status.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cart]) -> QuerySet[Cart]:
        """Keep the carts in that status at this moment."""
        now = clock.now()
        if self.value() == Cart.Status.OPEN:
            return queryset.filter(status=Cart.Status.OPEN, expires_at__gt=now)
        if self.value() == Cart.Status.EXPIRED:
            return queryset.filter(Q(status=Cart.Status.EXPIRED) | Q(status=Cart.Status.OPEN, expires_at__lte=now))
        return queryset.filter(status=self.value()) if self.value() in Cart.Status.values else queryset


@admin.register(Cart)
class CartAdmin(PageAdmin):
    """Carts, the newest first."""

    list_display = ("customer_name", "shown_status", "units", "worth", "shown_created", "shown_expires")
    list_filter = (StatusFilter,)
    list_select_related = ("customer",)
    search_fields = ("customer__search_key",)
    search_key_field = "customer__search_key"
    search_neighbours = "customer"
    search_help_text = _("Name or e-mail of the customer")
    ordering = ("-pk",)
    page_template = "cart/desk/cart.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cart]:
        """Return the carts with how much is in them, at today's prices."""
        lines = CartLine.objects.filter(cart=OuterRef("pk")).order_by().values("cart")
        units = lines.annotate(units=Sum(PIECES)).values("units")
        amount = DecimalField(max_digits=14, decimal_places=2)
        cost = cost_expression(price="variant__price", quantity="quantity", price_per="variant__price_per")
        worth = lines.annotate(worth=Sum(cost)).values("worth")
        found: QuerySet[Cart] = super().get_queryset(request)
        return found.annotate(
            units=Coalesce(Subquery(units, output_field=IntegerField()), 0),
            worth=Subquery(worth, output_field=amount),
        )

    @display(description=_("customer"), header=True)
    def customer_name(self, cart: Cart) -> list[str]:
        """Show whose cart it is."""
        if cart.customer is None:
            return [gettext("Guest"), str(cart.public_id)[:8]]
        return [cart.customer.name, cart.customer.email]

    @display(description=_("status"), label=STATUS_COLOURS)
    def shown_status(self, cart: Cart) -> tuple[str, Any]:
        """Show the status as it is at this moment."""
        return status_of(cart)

    @display(description=_("units"))
    def units(self, cart: Any) -> int:
        """Show how many units are in it."""
        return int(cart.units)

    @display(description=_("total"))
    def worth(self, cart: Any) -> str:
        """Show what it costs at today's prices."""
        return format_brl(cart.worth or NOTHING)

    @display(description=_("created at"), ordering="pk")
    def shown_created(self, cart: Cart) -> str:
        """Show when it was opened."""
        return shown_instant(cart.created_at)

    @display(description=_("expires at"), ordering="expires_at")
    def shown_expires(self, cart: Cart) -> str:
        """Show when it closes by itself."""
        return shown_instant(cart.expires_at)

    def page_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """Return the lines at today's prices and until when each is kept."""
        now = clock.now()
        lines = selectors.lines_of(cart=obj, timezone=shop.policy().timezone, now=now)
        status, status_text = status_of(obj)
        prices = price(lines=lines)
        return {
            "title": _("Cart of %(name)s") % {"name": obj.customer.name if obj.customer else gettext("a guest")},
            "status": STATUS_COLOURS[status],
            "status_text": status_text,
            "lines": [
                {
                    "line": line,
                    "quantity": shown_quantity(quantity=line.quantity, unit=line.unit),
                    "unit_price": shown_price(format_brl(line.unit_price), unit=line.unit, price_per=line.price_per),
                    "total": format_brl(line.line_total),
                }
                for line in lines
            ],
            "total": format_brl(prices.total),
            "now": now,
        }


def status_of(cart: Cart) -> tuple[str, Any]:
    """Return the status of a cart at this moment and what it is called."""
    status = selectors.effective_status(cart=cart, now=clock.now())
    return status, Cart.Status(status).label
