"""Shapes of carts in JSON."""

from rest_framework import serializers

from cart.models import MAX_LINES
from common.fields import QuantityField, SkuField, StrictSerializer


class LineRequest(StrictSerializer):
    """Units of a SKU to put into a cart."""

    sku = SkuField()
    quantity = QuantityField()


class CartRequest(StrictSerializer):
    """A new cart, empty or with lines."""

    lines = serializers.ListField(child=LineRequest(), required=False, default=list, max_length=MAX_LINES)


class QuantityRequest(StrictSerializer):
    """A line's new quantity."""

    quantity = QuantityField()


class QuoteRequest(StrictSerializer):
    """How the customer thinks of paying and receiving; both may still be open."""

    fulfilment = serializers.DictField(required=False)
    payment_method = serializers.ChoiceField(
        choices=["on_site", "transfer", "pix", "card"], required=False, default=None
    )
