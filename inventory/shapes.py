"""Shapes that the stock answers with. Documentation only: the JSON itself is built in `services`."""

from typing import Any

from rest_framework import serializers


class AdjustmentResponse(serializers.Serializer[Any]):
    """The movement and the figures after it."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    delta = serializers.IntegerField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()
    reason = serializers.CharField()
    actor = serializers.CharField()
    at = serializers.DateTimeField()
