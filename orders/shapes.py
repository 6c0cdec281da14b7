"""Shapes that orders answer with. Documentation only: the JSON itself is built in `documents`."""

from typing import Any

from rest_framework import serializers

from orders.lifecycle import METHODS


class OrderOptionResponse(serializers.Serializer[Any]):
    """One choice that made a variant what it was."""

    name = serializers.CharField()
    value = serializers.CharField()


class OrderLineResponse(serializers.Serializer[Any]):
    """A line as it was sold."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=["goods", "visit"])
    sku = serializers.CharField()
    name = serializers.CharField()
    options = OrderOptionResponse(many=True)
    quantity = serializers.IntegerField()
    unit_price = serializers.CharField()
    discount = serializers.CharField()
    line_total = serializers.CharField()
    appointment = serializers.DictField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)


class OrderCustomerResponse(serializers.Serializer[Any]):
    """Who ordered."""

    name = serializers.CharField()
    email = serializers.EmailField()
    phone = serializers.CharField(allow_null=True)
    document = serializers.CharField(allow_null=True)


class OrderPaymentResponse(serializers.Serializer[Any]):
    """How the order is paid and how far."""

    method = serializers.ChoiceField(choices=METHODS)
    status = serializers.ChoiceField(choices=["unpaid", "partly_paid", "paid", "partly_refunded", "refunded"])


class HandoverResponse(serializers.Serializer[Any]):
    """Units of an order line."""

    line = serializers.UUIDField()
    quantity = serializers.IntegerField()


class FulfilmentResponse(serializers.Serializer[Any]):
    """Goods on their way to the customer."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(
        choices=["open", "picked", "ready", "shipped", "delivered", "returned", "cancelled"]
    )
    lines = HandoverResponse(many=True)
    tracking = serializers.CharField(allow_null=True)


class HistoryResponse(serializers.Serializer[Any]):
    """One step of the order's life."""

    at = serializers.DateTimeField()
    to = serializers.CharField()
    actor = serializers.ChoiceField(choices=["customer", "staff", "system", "gateway"])
    reason = serializers.CharField(allow_null=True)
    pickup_at = serializers.DateTimeField(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which Python keeps for itself."""
        return {**super().get_fields(), "from": serializers.CharField(allow_null=True)}


class OrderSummaryResponse(serializers.Serializer[Any]):
    """An order in a list."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=["pending", "confirmed", "completed", "expired", "cancelled"])
    currency = serializers.CharField()
    total = serializers.CharField()
    cancelled = serializers.CharField()
    paid = serializers.CharField()
    refunded = serializers.CharField()
    amount_due = serializers.CharField()
    customer = serializers.DictField()
    fulfilment = serializers.DictField(allow_null=True)
    payment = OrderPaymentResponse()
    expires_at = serializers.DateTimeField(allow_null=True)
    placed_at = serializers.DateTimeField()


class OrderResponse(OrderSummaryResponse):
    """The whole order."""

    cart = serializers.UUIDField()
    access_token = serializers.CharField(allow_null=True)
    lines = OrderLineResponse(many=True)
    subtotal = serializers.CharField()
    discount = serializers.CharField()
    shipping = serializers.CharField()
    amount_due_now = serializers.CharField()
    coupon = serializers.DictField(allow_null=True)
    customer = OrderCustomerResponse()  # type: ignore[assignment]
    fulfilments = FulfilmentResponse(many=True)
    note = serializers.CharField(allow_null=True)
    whatsapp_url = serializers.CharField(allow_null=True)
    history = HistoryResponse(many=True)
