"""The places a customer keeps, and looking a place up by its postal code.

One address of a customer is the default whenever there is any: the first to come, and the oldest left when it goes.
"""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from django.db.models import QuerySet

from accounts.errors import LookupNotOffered, TooManyAddresses
from accounts.gateways import postal_codes
from accounts.gateways.postal_codes import Place
from accounts.models import Address, Customer, User
from accounts.services.people import customer_for
from common.errors import NotFound
from common.transactions import locked
from common.use_cases import use_case

MAX_ADDRESSES = 20


class AddressFields(TypedDict, total=False):
    """What a customer may write of an address; each value already in its stored form."""

    label: str
    postal_code: str
    street: str
    number: str
    complement: str
    district: str
    city: str
    state: str
    is_default: bool


@use_case()
def add_address(*, user: User, address: AddressFields, now: datetime) -> Address:
    """Keep an address; the customer's first becomes the default.

    Raises:
        TooManyAddresses: the customer has MAX_ADDRESSES.
    """
    customer = customer_for(user=user, now=now)
    others = list(Address.objects.filter(customer=customer))
    if len(others) >= MAX_ADDRESSES:
        raise TooManyAddresses(max=MAX_ADDRESSES)
    fields: AddressFields = {**address, "is_default": bool(address.get("is_default")) or not others}
    if fields["is_default"]:
        _no_default(customer=customer)
    return Address.objects.create(customer=customer, created_at=now, **fields)


@use_case()
def change_address(*, user: User, public_id: UUID, changes: AddressFields, now: datetime) -> Address:
    """Change an address. Only choosing another default takes the mark off this one.

    Raises:
        NotFound: unknown, or somebody else's.
    """
    customer = customer_for(user=user, now=now)
    address = _own(customer=customer, public_id=public_id)
    wanted: AddressFields = {**changes}
    if not wanted.get("is_default", True):
        wanted.pop("is_default")
    elif wanted.get("is_default"):
        _no_default(customer=customer)
    for field, value in wanted.items():
        setattr(address, field, value)
    address.save()
    return address


@use_case()
def remove_address(*, user: User, public_id: UUID, now: datetime) -> None:
    """Forget an address. Raises NotFound for an unknown one and for somebody else's."""
    customer = customer_for(user=user, now=now)
    address = _own(customer=customer, public_id=public_id)
    address.delete()
    if address.is_default:
        heir = _of(customer=customer).order_by("pk").first()
        if heir is not None:
            heir.is_default = True
            heir.save(update_fields=["is_default"])


def look_up(*, postal_code: str) -> Place:
    """Ask the shop's postal-code service what lies at a CEP of 8 digits. Writes nothing.

    Raises:
        LookupNotOffered: no service is set up.
        NotFound: there is no such postal code.
        LookupUnavailable: the service is slow, down or speaks nonsense.
    """
    source = postal_codes.from_settings()
    if source is None:
        raise LookupNotOffered()
    place = source.find(postal_code=postal_code)
    if place is None:
        raise NotFound()
    return place


def _of(*, customer: Customer) -> QuerySet[Address]:
    return Address.objects.filter(customer=customer)


def _own(*, customer: Customer, public_id: UUID) -> Address:
    address = locked(_of(customer=customer).filter(public_id=public_id)).first()
    if address is None:
        raise NotFound()
    return address


def _no_default(*, customer: Customer) -> None:
    _of(customer=customer).filter(is_default=True).update(is_default=False)
