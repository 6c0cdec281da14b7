"""Shapes of payments and refunds in JSON."""

from rest_framework import serializers

from api.fields import AmountField, FlagField, QuantityField, StrictSerializer, TextLineField, UuidField


class ConfirmRequest(StrictSerializer):
    """Money that arrived for an order."""

    amount = AmountField(positive=True)
    reference = TextLineField(max_length=100, required=False, default="")


class PaymentRequest(StrictSerializer):
    """How the rest is paid."""

    method = serializers.ChoiceField(choices=["on_site", "transfer", "pix", "card"])


class ReturnedLineRequest(StrictSerializer):
    """Units handed back."""

    line = UuidField()
    quantity = QuantityField()


class RefundRequest(StrictSerializer):
    """Money to give back, and what comes back for it."""

    amount = AmountField(positive=True, required=False, default=None)
    lines = serializers.ListField(child=ReturnedLineRequest(), required=False, default=list, max_length=50)
    restock = FlagField()
    reason = TextLineField(max_length=200)
