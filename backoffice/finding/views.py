"""What goes by a name, a phone or a number: visits to come, customers and orders, as far as whoever looks may know.

Three statements at most, whatever the shop holds.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from backoffice.one.forms import SearchForm
from backoffice.today import shown_visit, visits_called
from common import clock
from common.money import format_brl
from customers import selectors as customers
from desk.pages import page_response
from desk.shown import shown_instant, shown_phone
from orders.access import CONTACTS
from orders.amounts import shown_total
from orders.models import Order
from orders.selectors import search as orders_called

FOUND = 8
LEAST = 2
VISITS, CUSTOMERS, ORDERS = "scheduling.view_appointment", "customers.view_customerrecord", "orders.view_order"


@require_GET
def find_page(request: HttpRequest) -> HttpResponse:
    """Show what was found, each a link to its page. Raises PermissionDenied."""
    may = request.user.has_perm
    if not any(may(one) for one in (VISITS, CUSTOMERS, ORDERS)):
        raise PermissionDenied
    search = SearchForm(request.GET, label=_("Name, phone or order number"))
    search.fields["q"].widget.attrs["autofocus"] = True
    text = search.text
    asked = len(text) >= LEAST
    found: dict[str, Any] = {
        "visits": _visits(text) if asked and may(VISITS) else [],
        "customers": _customers(text) if asked and may(CUSTOMERS) else [],
        "orders": _orders(text, names_only=not may(CONTACTS)) if asked and may(ORDERS) else [],
    }
    context = {
        "title": _("Search"), "search": search, "found": found,
        "nothing": bool(text) and not any(found.values()),
    }  # fmt: skip
    return page_response(request, "backoffice/finding.html", context)


def _visits(text: str) -> list[dict[str, Any]]:
    return [shown_visit(one) for one in visits_called(text=text, now=clock.now(), limit=FOUND)]


def _customers(text: str) -> list[dict[str, str]]:
    return [
        {
            "link": reverse("admin:customers_customerrecord_change", args=[one.pk]),
            "name": one.name or _("No name"),
            "more": " · ".join(filter(None, (shown_phone(one.phone) if one.phone else "", one.email))),
        }
        for one in customers.find_customers(text=text, limit=FOUND)
    ]


def _orders(text: str, *, names_only: bool) -> list[dict[str, str]]:
    rows = Order.objects.filter(orders_called(text=text, names_only=names_only)).select_related("contact")
    return [
        {
            "link": reverse("admin:orders_order_change", args=[order.pk]),
            "number": order.number,
            "name": order.contact.shown_name,
            "total": format_brl(shown_total(order=order)),
            "when": shown_instant(order.placed_at),
        }
        for order in rows.order_by("-placed_at", "-pk")[:FOUND]
    ]
