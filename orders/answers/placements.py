"""What a request says that places an order."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, UnsetType

from api.bodies import Body
from api.kinds import Amount, Choice, Id, Instant, Name, Text, TextLine, Wrong
from api.kinds_of_people import Document, Email, Phone, PostalCode, State
from orders.services import Contact, Delivery, Pickup, Placement
from shop.policy import PAYMENT_METHODS


class CustomerRequest(Body, frozen=True, kw_only=True):
    """Who orders."""

    name: Annotated[str, Name()]
    email: Annotated[str, Email()]
    phone: Annotated[str, Phone()] = ""
    document: Annotated[str, Document()] = ""


class DeliveryAddressRequest(Body, frozen=True, kw_only=True):
    """Where to deliver."""

    postal_code: Annotated[str, PostalCode()]
    street: Annotated[str, TextLine(200)]
    number: Annotated[str, TextLine(20)]
    complement: Annotated[str, TextLine(100)] = ""
    district: Annotated[str, TextLine(100)]
    city: Annotated[str, TextLine(100)]
    state: Annotated[str, State()]


class FulfilmentChoice(Body, frozen=True, kw_only=True):
    """How the goods reach the customer: collected in a pickup window, or delivered to an address."""

    method: Annotated[str, Choice("pickup", "delivery")]
    pickup_at: Annotated[datetime, Instant()] | UnsetType = UNSET
    person: Annotated[str, Name()] | UnsetType = UNSET
    address: DeliveryAddressRequest | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse fields of the other method, and a delivery without an address."""
        for name in {"pickup": ["address"], "delivery": ["pickup_at", "person"]}[self.method]:
            if getattr(self, name) is not UNSET:
                yield name, Wrong("not_allowed", _("Not part of this method."))
                return
        if self.method == "delivery" and self.address is UNSET:
            yield "address", Wrong("required", _("Say where to deliver."))

    @property
    def chosen(self) -> Pickup | Delivery:
        """What was chosen."""
        if self.address is not UNSET:
            return Delivery(address=msgspec.structs.asdict(self.address))
        return Pickup(
            at=None if self.pickup_at is UNSET else self.pickup_at, person="" if self.person is UNSET else self.person
        )


class PlacementRequest(Body, frozen=True, kw_only=True):
    """A cart to be ordered."""

    cart: Annotated[UUID, Id()]
    expected_total: Annotated[Decimal, Amount()]
    customer: CustomerRequest
    payment_method: Annotated[str, Choice(*PAYMENT_METHODS)]
    note: Annotated[str, Text(500, blank=True)] = ""
    fulfilment: FulfilmentChoice | UnsetType = UNSET

    def placement(self, *, language: str) -> Placement:
        """Return the placement it asks for."""
        return Placement(
            cart=self.cart,
            expected_total=self.expected_total,
            contact=Contact(**msgspec.structs.asdict(self.customer)),
            payment_method=self.payment_method,
            fulfilment=None if self.fulfilment is UNSET else self.fulfilment.chosen,
            note=self.note,
            language=language,
        )
