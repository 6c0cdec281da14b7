"""Pickups that other opening hours or fewer places would strand: named before they are saved, and after."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import ngettext

from desk.shown import shown_instant, shown_window
from orders.models import Order
from scheduling.errors import WouldStrand
from scheduling.stranding import SHOWN


def pickups_in(refusal: WouldStrand) -> list[dict[str, str]]:
    """Return the pickups that a change would strand, each with the page where it is moved."""
    named = cast("list[dict[str, str]]", refusal.data.get("pickups") or [])
    found = Order.objects.filter(number__in=[one["number"] for one in named]).select_related("contact")
    return [
        {
            "name": f"{order.contact.shown_name} · {order.number}",
            "when": shown_window(order.pickup_starts_at, order.pickup_ends_at),
            "page": reverse("admin:orders_order_do_move_pickup", args=[order.pk]),
        }
        for order in found.order_by("pickup_starts_at", "pk")
    ]


def tell_pickups(request: HttpRequest, orders: list[Order]) -> None:
    """Warn about pickups that the change left outside opening hours or without a place, and name the first of them."""
    if not orders:
        return
    names = "; ".join(f"{order.contact.shown_name} {shown_instant(order.pickup_starts_at)}" for order in orders[:SHOWN])
    text = ngettext(
        "%(count)s pickup now has no opening hours or place: %(names)s. Move it, or tell the customer.",
        "%(count)s pickups now have no opening hours or place: %(names)s. Move them, or tell the customers.",
        len(orders),
    )
    messages.warning(request, text % {"count": len(orders), "names": names})
