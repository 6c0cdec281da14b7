"""What requests say of addresses, and what people are told of theirs."""

from typing import Annotated, cast
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from accounts.gateways.postal_codes import Place
from accounts.models import Address
from accounts.services import AddressFields
from api.answers import Answer, one_of
from api.bodies import Body
from api.kinds import Flag, TextLine
from api.kinds_of_people import PostalCode, State
from common.identity import STATES


class AddressRequest(Body, frozen=True, kw_only=True):
    """An address to keep."""

    label: Annotated[str, TextLine(40, blank=True)] | UnsetType = UNSET
    postal_code: Annotated[str, PostalCode()]
    street: Annotated[str, TextLine(200)]
    number: Annotated[str, TextLine(20)]
    complement: Annotated[str, TextLine(100, blank=True)] | UnsetType = UNSET
    district: Annotated[str, TextLine(100)]
    city: Annotated[str, TextLine(100)]
    state: Annotated[str, State()]
    is_default: Annotated[bool, Flag()] | UnsetType = UNSET

    @property
    def fields(self) -> AddressFields:
        """What is written."""
        return cast(AddressFields, self.given())


class AddressChange(Body, frozen=True, kw_only=True):
    """What changes of an address; nothing is required."""

    label: Annotated[str, TextLine(40, blank=True)] | UnsetType = UNSET
    postal_code: Annotated[str, PostalCode()] | UnsetType = UNSET
    street: Annotated[str, TextLine(200)] | UnsetType = UNSET
    number: Annotated[str, TextLine(20)] | UnsetType = UNSET
    complement: Annotated[str, TextLine(100, blank=True)] | UnsetType = UNSET
    district: Annotated[str, TextLine(100)] | UnsetType = UNSET
    city: Annotated[str, TextLine(100)] | UnsetType = UNSET
    state: Annotated[str, State()] | UnsetType = UNSET
    is_default: Annotated[bool, Flag()] | UnsetType = UNSET

    @property
    def fields(self) -> AddressFields:
        """What is written."""
        return cast(AddressFields, self.given())


class LookupRequest(Body, frozen=True, kw_only=True):
    """A postal code to look up."""

    postal_code: Annotated[str, PostalCode()]


class AddressResponse(Answer, frozen=True, kw_only=True):
    """A kept address."""

    id: UUID
    label: Annotated[str, Meta(description="What the customer calls it: home...")]
    postal_code: Annotated[str, Meta(description="CEP, eight digits.")]
    street: Annotated[str, Meta(description="Street, without the number.")]
    number: Annotated[str, Meta(description="House number; s/n where there is none.")]
    complement: Annotated[str, Meta(description="Flat, block, gate...")]
    district: Annotated[str, Meta(description="Bairro.")]
    city: Annotated[str, Meta(description="Municipality.")]
    state: Annotated[str, one_of(*STATES), Meta(description="UF, two letters.")]
    is_default: Annotated[bool, Meta(description="Offered first; one a customer.")]


class PlaceResponse(Answer, frozen=True, kw_only=True):
    """What lies at a postal code; street and district are empty where one code serves a whole town."""

    postal_code: str
    street: str
    district: str
    city: str
    state: str


def address_answer(address: Address) -> AddressResponse:
    """Say a kept address."""
    return AddressResponse(
        id=address.public_id,
        label=address.label,
        postal_code=address.postal_code,
        street=address.street,
        number=address.number,
        complement=address.complement,
        district=address.district,
        city=address.city,
        state=address.state,
        is_default=address.is_default,
    )


def place_answer(place: Place) -> PlaceResponse:
    """Say what lies at a postal code."""
    return PlaceResponse(
        postal_code=place.postal_code,
        street=place.street,
        district=place.district,
        city=place.city,
        state=place.state,
    )
