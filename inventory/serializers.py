"""Shapes of stock in JSON."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.fields import SkuField, StrictSerializer, TextLineField, WholeNumberField

OPERATIONS = ("add", "remove", "set")
MAX_ADJUSTMENT = 1_000_000


class AdjustmentRequest(StrictSerializer):
    """A change of the units on hand; `set` is a count and may be 0."""

    sku = SkuField()
    quantity = WholeNumberField(min_value=0, max_value=MAX_ADJUSTMENT)
    operation = serializers.ChoiceField(choices=OPERATIONS)
    reason = TextLineField(max_length=200)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Refuse to add or remove nothing."""
        if attrs["operation"] != "set" and attrs["quantity"] == 0:
            raise serializers.ValidationError({"quantity": [_("Add or remove at least one unit.")]}, code="min_value")
        return attrs
