"""Shapes that the till answers with. Documentation only: the JSON itself is built in `documents`."""

from typing import Any

from rest_framework import serializers


class PaymentResponse(serializers.Serializer[Any]):
    """Money received or awaited."""

    id = serializers.UUIDField()
    gateway = serializers.CharField()
    method = serializers.CharField()
    status = serializers.ChoiceField(choices=["pending", "succeeded", "failed"])
    amount = serializers.CharField()
    currency = serializers.CharField()
    reference = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    received_at = serializers.DateTimeField(allow_null=True)


class RefundResponse(serializers.Serializer[Any]):
    """Money given back."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=["due", "succeeded"])
    amount = serializers.CharField()
    currency = serializers.CharField()
    reason = serializers.CharField()
    at = serializers.DateTimeField()
