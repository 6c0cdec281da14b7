"""Shapes that carts answer with. Documentation only: the JSON itself is built in `documents`."""

from typing import Any

from rest_framework import serializers


class OptionResponse(serializers.Serializer[Any]):
    """One choice that makes a variant what it is."""

    name = serializers.CharField()
    value = serializers.CharField()


class PriceChangedResponse(serializers.Serializer[Any]):
    """The unit price when the line was last written."""

    previous = serializers.CharField()


class CartLineResponse(serializers.Serializer[Any]):
    """One line; `unit_price` is today's, `held_until` null when nothing is held."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["goods", "visit"])
    sku = serializers.CharField()
    name = serializers.CharField()
    options = OptionResponse(many=True)
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    line_total = serializers.CharField()
    held_until = serializers.DateTimeField(allow_null=True)
    price_changed = PriceChangedResponse(allow_null=True)
    appointment = serializers.DictField(allow_null=True)


class NoticeResponse(serializers.Serializer[Any]):
    """A line that a merge could not keep as it was."""

    code = serializers.ChoiceField(choices=["quantity_capped", "not_held"])
    sku = serializers.CharField()
    requested = serializers.IntegerField()
    quantity = serializers.IntegerField()


class CartResponse(serializers.Serializer[Any]):
    """The whole cart, as every cart write answers it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["open", "ordered", "expired", "merged"])
    currency = serializers.CharField()
    lines = CartLineResponse(many=True)
    coupon = serializers.DictField(allow_null=True)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    total = serializers.CharField()
    expires_at = serializers.DateTimeField()
    notices = NoticeResponse(many=True)


class WindowResponse(serializers.Serializer[Any]):
    """A time in which goods can be picked up; half-open."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class QuoteResponse(serializers.Serializer[Any]):
    """What placing the order would cost now."""

    lines = CartLineResponse(many=True)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    shipping = serializers.CharField()
    total = serializers.CharField()
    amount_due_now = serializers.CharField()
    currency = serializers.CharField()
    pickup_windows = WindowResponse(many=True)
