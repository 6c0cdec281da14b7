"""Shapes of orders in JSON."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.fields import (
    AmountField,
    DocumentField,
    EmailField,
    InstantField,
    NameField,
    NoteField,
    PhoneField,
    PostalCodeField,
    QuantityField,
    StateField,
    StrictSerializer,
    TextLineField,
    UuidField,
)
from orders.lifecycle import METHODS
from orders.models import Order
from orders.services import Contact, Delivery, Pickup, Placement


class CustomerRequest(StrictSerializer):
    """Who orders."""

    name = NameField()
    email = EmailField()
    phone = PhoneField(required=False, default="")
    document = DocumentField(required=False, default="")


class DeliveryAddressRequest(StrictSerializer):
    """Where to deliver."""

    postal_code = PostalCodeField()
    street = TextLineField(max_length=200)
    number = TextLineField(max_length=20)
    complement = TextLineField(max_length=100, required=False, default="")
    district = TextLineField(max_length=100)
    city = TextLineField(max_length=100)
    state = StateField()


class FulfilmentChoice(StrictSerializer):
    """How the goods reach the customer: collected in a pickup window, or delivered to an address."""

    method = serializers.ChoiceField(choices=["pickup", "delivery"])
    pickup_at = InstantField(required=False)
    person = NameField(required=False, default="")
    address = DeliveryAddressRequest(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse fields of the other method, and a delivery without an address."""
        foreign = ["address"] if attrs["method"] == "pickup" else ["pickup_at", "person"]
        for name in foreign:
            if name in self.initial_data:
                raise serializers.ValidationError({name: [_("Not part of this method.")]}, code="not_allowed")
        if attrs["method"] == "delivery" and "address" not in attrs:
            raise serializers.ValidationError({"address": [_("Say where to deliver.")]}, code="required")
        return attrs


class PlacementRequest(StrictSerializer):
    """A cart to be ordered."""

    cart = UuidField()
    expected_total = AmountField()
    customer = CustomerRequest()
    payment_method = serializers.ChoiceField(choices=METHODS)
    note = NoteField(max_length=500, required=False, default="")
    fulfilment = FulfilmentChoice(required=False)


def placement_from(*, data: dict[str, Any], language: str) -> Placement:
    """Return the placement a validated request describes."""
    chosen = data.get("fulfilment")
    fulfilment: Pickup | Delivery | None = None
    if chosen is not None:
        pickup = chosen["method"] == Order.FulfilmentMethod.PICKUP
        fulfilment = (
            Pickup(at=chosen.get("pickup_at"), person=chosen["person"])
            if pickup
            else Delivery(address=dict(chosen["address"]))
        )
    return Placement(
        cart=data["cart"],
        expected_total=data["expected_total"],
        contact=Contact(**data["customer"]),
        payment_method=data["payment_method"],
        fulfilment=fulfilment,
        note=data["note"],
        language=language,
    )


class CancelRequest(StrictSerializer):
    """Why the order is cancelled."""

    reason = TextLineField(max_length=500)


class PickupMoveRequest(StrictSerializer):
    """When the goods are collected instead, and why; past the cut-off the team says why."""

    pickup_at = InstantField()
    reason = TextLineField(max_length=500, required=False, default="")


class HandoverRequest(StrictSerializer):
    """Units of an order line."""

    line = UuidField()
    quantity = QuantityField()


class FulfilmentRequest(StrictSerializer):
    """Units to hand over."""

    lines = serializers.ListField(child=HandoverRequest(), min_length=1, max_length=50)
    tracking = TextLineField(max_length=100, required=False, default="")


class OrdersQuery(StrictSerializer):
    """Filters of the order list."""

    status = serializers.CharField(required=False, max_length=20)
    email = serializers.CharField(required=False, max_length=254)
    payment_method = serializers.CharField(required=False, max_length=20)
    placed_from = InstantField(required=False)
    placed_to = InstantField(required=False)
