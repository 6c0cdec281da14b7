"""What the views of the shelf share: who may, and how a text becomes goods."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backoffice.counter import views as counter
from backoffice.counter.items import ItemAnswer, item_answer
from catalog.models import Product
from catalog.selectors import Offer, goods_called, offers
from catalog.units import Unit
from common.errors import Forbidden, Unauthenticated
from counter.scales import read_label
from counter.selectors import Item
from shop import services as shop

ADJUSTS = "inventory.adjust_stock"
FOUND = 20


class CanAdjust(BasePermission):
    """Lets in whoever receives and counts goods."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Let the request in. Raises Unauthenticated, Forbidden."""
        if not getattr(request.user, "is_authenticated", False):
            raise Unauthenticated()
        if not (request.user.is_staff and request.user.has_perm(ADJUSTS)):
            raise Forbidden()
        return True


class Door(counter.Door):
    """Answers as the views of the counter do, to whoever receives and counts goods."""

    permission_classes = [CanAdjust]


def find_goods(*, text: str) -> list[ItemAnswer]:
    """Return the goods that go by a text or a scanned code; of a scale's label also the weight it says."""
    policy = shop.policy()
    label = read_label(code=text.strip(), layout=policy.scale_layout)
    if label is None or not label.is_sound:
        return [goods_answer(offer, text=text) for offer in goods_called(text=text, limit=FOUND)]
    weighed = policy.scale_value == "weight"
    return [
        goods_answer(offer, text=offer.sku, quantity=label.value if weighed and offer.unit == Unit.GRAM else 1)
        for offer in offers(skus=label.skus).values()
        if offer.kind == Product.Kind.GOODS
    ]


def goods_answer(offer: Offer, *, text: str = "", quantity: int = 1) -> ItemAnswer:
    """Say what goods are, without saying how many of them there are."""
    item = Item(
        kind=offer.kind,
        sku=offer.sku,
        name=offer.name,
        options=offer.options,
        unit=offer.unit,
        price_per=offer.price_per,
        price=offer.price,
        available=None,
        quantity=quantity,
    )
    return item_answer(item, text=text)
