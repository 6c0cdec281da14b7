"""One refund: the order is found among those whose money can go back, and leads straight to the form."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import DecimalField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from backoffice.one.forms import SearchForm
from backoffice.one.pages import FOUND, shown
from common import clock
from common.money import format_brl
from desk.admin import desk_actor
from desk.pages import require
from desk.shown import shown_instant
from orders.access import CONTACTS
from orders.models import Order
from orders.selectors import search as by_text
from payments import services as payments
from payments.lifecycle import OWED
from payments.models import Refund

RECENT = timedelta(days=30)
MONEY = DecimalField(max_digits=14, decimal_places=2)
TITLE = gettext_lazy("Give money back")


@dataclass(frozen=True)
class Paid:
    """An order whose money can go back."""

    link: str
    name: str
    number: str
    kept: str
    at: str


@require_GET
def refund_page(request: HttpRequest) -> HttpResponse:
    """Show the orders that were paid last; those that somebody looks for."""
    require(request, "orders.view_order", "payments.refund_payment")
    if not payments.gives_back(user=request.user, actor=desk_actor(request)):
        told = _("Your role gives no money back. Ask whoever runs the shop.")
        messages.warning(request, told)
        return shown(request, template="refund", search=SearchForm(), context={"title": TITLE, "rows": ()})
    reaches = request.user.has_perm(CONTACTS)
    label = _("Number, name, e-mail, phone or CPF") if reaches else _("Number or name")
    search = SearchForm(request.GET, label=label)
    found = _paid(search.text, names_only=not reaches)
    context = {"title": TITLE, "rows": found[:FOUND], "more": len(found) > FOUND, "found": FOUND}
    search.fields["q"].widget.attrs["autofocus"] = True
    return shown(request, template="refund", search=search, context=context)


def _paid(text: str, *, names_only: bool) -> list[Paid]:
    """Return the orders with money that can go back, the newest first; without a text, those of the last days.

    What is owed back already cannot go back once more, as on the order's own page.
    """
    owed = Refund.objects.filter(order=OuterRef("pk"), status__in=OWED).order_by().values("order")
    orders: QuerySet[Any] = Order.objects.select_related("contact").annotate(
        owed=Coalesce(Subquery(owed.annotate(sum=Sum("amount")).values("sum")), Decimal("0.00"), output_field=MONEY),
        kept=ExpressionWrapper(F("paid") - F("refunded") - F("late_fee") - F("owed"), output_field=MONEY),
    )
    orders = orders.filter(kept__gt=0)
    if text:
        orders = orders.filter(by_text(text=text, names_only=names_only))
    else:
        orders = orders.filter(placed_at__gte=clock.now() - RECENT)
    return [
        Paid(
            link=reverse("admin:orders_order_do_refund", args=[order.pk]),
            name=order.contact.shown_name,
            number=order.number,
            kept=format_brl(order.kept),
            at=shown_instant(order.placed_at),
        )
        for order in orders.order_by("-placed_at", "-pk")[: FOUND + 1]
    ]
