"""Shapes of carts in JSON."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from api.fields import (
    InstantField,
    NameField,
    PostalCodeField,
    QuantityField,
    SkuField,
    StateField,
    StrictSerializer,
    TextLineField,
    UuidField,
)
from cart.models import MAX_LINES
from cart.services import Units
from scheduling.selectors import MAX_SERVICES
from scheduling.services import Wish

UNIT_FIELDS = ("sku", "quantity")
VISIT_FIELDS = ("services", "starts_at", "professional")


class LineRequest(StrictSerializer):
    """Units of a SKU to put into a cart, or a visit to hold time for: one or the other."""

    sku = SkuField(required=False)
    quantity = QuantityField(required=False)
    services = serializers.ListField(child=SkuField(), required=False, min_length=1, max_length=MAX_SERVICES)
    professional = UuidField(required=False, allow_null=True)
    starts_at = InstantField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a line that is neither, or both."""
        visit = "services" in attrs
        needed = VISIT_FIELDS[:2] if visit else UNIT_FIELDS
        foreign = UNIT_FIELDS if visit else VISIT_FIELDS
        missing = {name: [ErrorDetail(str(_("This is needed.")), "required")] for name in needed if name not in attrs}
        superfluous = {
            name: [ErrorDetail(str(_("Not part of such a line.")), "not_allowed")] for name in foreign if name in attrs
        }
        if missing or superfluous:
            raise serializers.ValidationError(missing | superfluous)
        return attrs


def units_from(*, lines: Iterable[dict[str, Any]]) -> list[Units]:
    """Return the units among validated lines."""
    return [Units(sku=line["sku"], quantity=line["quantity"]) for line in lines if "sku" in line]


def wishes_from(*, lines: Iterable[dict[str, Any]]) -> list[Wish]:
    """Return the visits among validated lines."""
    return [
        Wish(services=tuple(line["services"]), starts_at=line["starts_at"], professional=line.get("professional"))
        for line in lines
        if "services" in line
    ]


class CartRequest(StrictSerializer):
    """A new cart, empty or with lines; the same SKU may stand on several, so the cart itself counts them."""

    lines = serializers.ListField(child=LineRequest(), required=False, default=list, max_length=2 * MAX_LINES)


class QuantityRequest(StrictSerializer):
    """A line's new quantity."""

    quantity = QuantityField()


class QuotedAddress(StrictSerializer):
    """As much of the address as the customer has given yet."""

    postal_code = PostalCodeField(required=False)
    street = TextLineField(max_length=200, required=False)
    number = TextLineField(max_length=20, required=False)
    complement = TextLineField(max_length=100, required=False)
    district = TextLineField(max_length=100, required=False)
    city = TextLineField(max_length=100, required=False)
    state = StateField(required=False)


class QuotedFulfilment(StrictSerializer):
    """How the customer thinks of receiving the goods; only the method must be settled."""

    method = serializers.ChoiceField(choices=["pickup", "delivery"])
    pickup_at = InstantField(required=False)
    person = NameField(required=False)
    address = QuotedAddress(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse fields of the other method."""
        foreign = {"pickup": ["address"], "delivery": ["pickup_at", "person"]}[attrs["method"]]
        refused = {name: [ErrorDetail(str(_("Not part of this method.")), "not_allowed")] for name in foreign}
        refused = {name: problem for name, problem in refused.items() if name in attrs}
        if refused:
            raise serializers.ValidationError(refused)
        return attrs


class QuoteRequest(StrictSerializer):
    """How the customer thinks of paying and receiving; both may still be open."""

    fulfilment = QuotedFulfilment(required=False)
    payment_method = serializers.ChoiceField(
        choices=["on_site", "transfer", "pix", "card"], required=False, default=None
    )
