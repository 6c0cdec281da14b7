"""The page, and the button beside each row: one service call, whose refusal comes back as a message."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from backoffice.keeping import rows
from cart import services as carts
from common import clock
from common.errors import Refusal
from desk.admin import desk_actor
from desk.pages import page_response, require
from desk.refusals import explained
from orders import services as orders
from orders.selectors import Access
from scheduling import services as scheduling

MAY = {
    "line": "cart.release_cart",
    "visit": "scheduling.manage_appointment",
    "order": "orders.cancel_order",
}
"""What may be freed, and by whom."""

SEEN_BY = {"order": "orders.view_order", "visit": "scheduling.view_appointment"}


@require_GET
def kept_page(request: HttpRequest) -> HttpResponse:
    """Show who keeps what."""
    require(request, "cart.view_cart")
    now = clock.now()
    sections = [
        (_("Units in carts"), _("Kept"), rows.goods_in_carts(now=now)),
        (_("Times in carts"), _("Held"), rows.times_in_carts(now=now)),
    ]
    if request.user.has_perm(SEEN_BY["order"]):
        sections.append((_("Orders not paid for"), _("Order"), rows.orders_unpaid(now=now)))
    if request.user.has_perm(SEEN_BY["visit"]):
        sections.append((_("Visits booked without an order"), _("Visit"), rows.visits_booked(now=now)))
    context = {
        "title": _("Kept without payment"),
        "sections": [
            {
                "title": title,
                "what": what,
                "rows": [(row, rows.age(since=row.since, now=now)) for row in found],
                "more": len(found) == rows.MOST,
            }
            for title, what, found in sections
        ],
        "totals": rows.totals([row for _title, _what, found in sections for row in found]),
        "may": [kind for kind, permission in MAY.items() if request.user.has_perm(permission)],
        "may_block": request.user.has_perm("accounts.add_block"),
    }
    return page_response(request, "backoffice/kept.html", context)


@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Free what one row keeps, and go back to the page."""
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    if kind not in MAY:
        raise Http404
    if not request.user.has_perm(MAY[kind]):
        raise PermissionDenied
    try:
        _release(request, kind, key)
    except Refusal as refusal:
        messages.error(request, explained(refusal))
    else:
        messages.success(request, _("It is free again."))
    return HttpResponseRedirect(reverse("keeping:page"))


def _release(request: HttpRequest, kind: str, key: str) -> None:
    actor, now, reason = desk_actor(request), clock.now(), _("Freed by the shop")
    match kind:
        case "line":
            carts.release_line(line_id=_uuid(key), actor=actor, now=now)
        case "visit":
            scheduling.cancel(public_id=_uuid(key), actor=actor, reason=reason, now=now)
        case "order":
            orders.cancel_order(number=key, reason=reason, access=Access(staff=True), actor=actor, now=now)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
