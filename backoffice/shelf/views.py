"""Receiving a delivery: the page, and the door that takes it in once for each key."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from rest_framework.request import Request

from api.answers import respond_kept, respond_private
from api.requests import actor_of, once_from, read, read_query
from backoffice.counter.bodies import FindQuery
from backoffice.shelf import page
from backoffice.shelf.answers import GoodsAnswer, received
from backoffice.shelf.bodies import ReceiveRequest
from backoffice.shelf.doors import ADJUSTS, Door, find_goods, goods_answer
from catalog.selectors import goods_called
from common import clock
from common.use_cases import answered
from desk.pages import page_response, require
from inventory import services as inventory

DOOR = "admin"


@require_GET
def receive_page(request: HttpRequest) -> HttpResponse:
    """Show the page of a delivery; `?sku=` puts goods on it."""
    require(request, ADJUSTS)
    sku = request.GET.get("sku", "")
    asked = [offer for offer in goods_called(text=sku, limit=1) if offer.sku == sku]
    first = [msgspec.to_builtins(goods_answer(offer), enc_hook=str) for offer in asked]
    context = {
        "title": _("Receive goods"),
        "config": page.receiving(user_id=request.user.pk or 0, first=first),
    }
    return page_response(request, "backoffice/shelf/receive.html", context)


class FindView(Door):
    """The search field."""

    def get(self, request: Request) -> HttpResponse:
        """Return what goes by a name or a code."""
        text = read_query(FindQuery, request).q
        answer = GoodsAnswer(items=find_goods(text=text) if text else [])
        return respond_private(answer)


class ReceiveView(Door):
    """The delivery."""

    def post(self, request: Request) -> HttpResponse:
        """Take a delivery in, once for each key."""
        once = once_from(request, scope="desk-receive")
        asked = read(ReceiveRequest, request.data)
        reason = " · ".join(filter(None, (asked.supplier, asked.note))) or _("Goods received")
        answer = answered(inventory.receive_goods, received, once=once)(
            arrived=asked.arrived, reason=reason, actor=actor_of(request, door=DOOR), now=clock.now()
        )
        return respond_kept(answer)
