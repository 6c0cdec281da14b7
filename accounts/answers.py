"""What requests say of people, and what people are told of themselves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, Meta, UnsetType

from accounts.gateways.postal_codes import Place
from accounts.models import Address, RefreshFamily, User
from accounts.selectors import customer_of
from accounts.services import AddressFields, TokenPair
from api.answers import Answer, one_of
from api.bodies import Body
from api.kinds import Choice, Document, Email, Flag, Kind, Name, Phone, PostalCode, Secret, State, Text, TextLine, Wrong
from common.identity import STATES

Password = Annotated[str, Secret(128)]
Token = Annotated[str, TextLine(2048)]
MAX_SIGNED = 4096


class RegistrationRequest(Body, frozen=True, kw_only=True):
    """A new customer."""

    email: Annotated[str, Email()]
    password: Password
    name: Annotated[str, Name()]


class SignInRequest(Body, frozen=True, kw_only=True):
    """Who signs in."""

    email: Annotated[str, TextLine(254)]
    password: Password
    transport: Annotated[str, Choice("body", "cookie")] | UnsetType = UNSET


class EmailRequest(Body, frozen=True, kw_only=True):
    """An address."""

    email: Annotated[str, Email()]


class MailTokenRequest(Body, frozen=True, kw_only=True):
    """The token of a letter's link."""

    token: Token


class ResetRequest(Body, frozen=True, kw_only=True):
    """The token of a letter's link, and the password that is to be."""

    token: Token
    password: Password


class LeavingRequest(Body, frozen=True, kw_only=True):
    """The password, as proof that it is oneself who leaves."""

    password: Password


class SessionEndRequest(Body, frozen=True, kw_only=True):
    """The password, as proof that it is oneself who signs out elsewhere, unless one has just signed in."""

    password: Password | UnsetType = UNSET


class RefreshRequest(Body, frozen=True, kw_only=True):
    """The refresh token of a session; left out where a cookie carries it."""

    refresh: Token | UnsetType = UNSET


class ProfileRequest(Body, frozen=True, kw_only=True):
    """What people may change about themselves."""

    name: Annotated[str, Name()] | UnsetType = UNSET
    phone: Annotated[str, Phone()] | UnsetType = UNSET
    document: Annotated[str, Document()] | UnsetType = UNSET
    email: Annotated[str, Email()] | UnsetType = UNSET
    password: Password | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Ask for the password with a new address, and for an address with the password."""
        if (self.email is UNSET) != (self.password is UNSET):
            yield ("email" if self.email is UNSET else "password"), Wrong("required", _("This field is required."))

    @property
    def changes(self) -> dict[str, str]:
        """What changes without a proof."""
        return {name: value for name, value in self.given().items() if name not in ("email", "password")}


class PasswordRequest(Body, frozen=True, kw_only=True):
    """A new password, and the old one as proof."""

    current: Password
    new: Password


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


class AnyObject(Kind):
    """A JSON object that is looked into later."""

    schema = {"type": "object"}

    def read(self, given: Any) -> dict[str, Any]:
        """Return the object. Raises Wrong."""
        if not isinstance(given, dict):
            raise Wrong("invalid", _("This must be an object."))
        return given


class PasskeyAnswer(Body, frozen=True, kw_only=True):
    """What a passkey signed, in base64url, as browsers write it."""

    client_data: Annotated[str, Text(MAX_SIGNED)] = msgspec.field(name="clientDataJSON")
    authenticator_data: Annotated[str, Text(MAX_SIGNED)] = msgspec.field(name="authenticatorData")
    signature: Annotated[str, Text(MAX_SIGNED)]
    user_handle: Annotated[str, Text(MAX_SIGNED, blank=True)] | UnsetType | None = msgspec.field(
        name="userHandle", default=UNSET
    )


class PasskeyCredential(Body, frozen=True, kw_only=True):
    """What `navigator.credentials.get` returned, as its `toJSON` writes it."""

    id: Annotated[str, Text(MAX_SIGNED)]
    raw_id: Annotated[str, Text(MAX_SIGNED)] = msgspec.field(name="rawId")
    type: Annotated[str, Choice("public-key")]
    response: PasskeyAnswer
    attachment: Annotated[str, Text(64)] | UnsetType | None = msgspec.field(
        name="authenticatorAttachment", default=UNSET
    )
    extensions: Annotated[dict[str, Any], AnyObject()] | UnsetType = msgspec.field(
        name="clientExtensionResults", default=UNSET
    )


class SecondFactorRequest(Body, frozen=True, kw_only=True):
    """The second step of signing in: the challenge of the first, and a code or what a passkey signed."""

    challenge: Annotated[str, Text(200)]
    code: Annotated[str, Text(40)] | UnsetType = UNSET
    credential: PasskeyCredential | UnsetType = UNSET
    transport: Annotated[str, Choice("body", "cookie")] | UnsetType = UNSET

    def contradictions(self) -> Iterable[tuple[str, Wrong]]:
        """Refuse neither, and both."""
        if (self.code is UNSET) == (self.credential is UNSET):
            yield "code", Wrong("required", _("Send a code or a credential, one of them."))


class RegistrationResponse(Answer, frozen=True, kw_only=True):
    """What was asked for; the same whether or not the e-mail had a login before."""

    email: str
    name: str


class TokenPairResponse(Answer, frozen=True, kw_only=True):
    """A session's tokens: `access` lasts ten minutes, `refresh` a day and one use, or travels as a cookie."""

    access: str
    refresh: str | UnsetType = UNSET


class SessionResponse(Answer, frozen=True, kw_only=True):
    """One of one's sessions; `current` is the one that asks."""

    id: UUID
    door: Annotated[str, one_of("desk", "api")]
    address: str
    agent: str
    created_at: datetime
    seen_at: datetime | None
    expires_at: datetime
    current: bool


class ProfileResponse(Answer, frozen=True, kw_only=True):
    """Who is signed in; phone and document are null until they are told."""

    id: UUID
    email: str
    name: str
    phone: str | None
    document: str | None
    email_verified: bool
    is_staff: bool
    joined_at: datetime


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


def pair_answer(pair: TokenPair, *, in_cookie: bool) -> TokenPairResponse:
    """Say a pair of tokens, without the one that a cookie carries."""
    return TokenPairResponse(access=pair.access, refresh=UNSET if in_cookie else pair.refresh)


def session_answer(session: RefreshFamily, *, current: UUID) -> SessionResponse:
    """Say one session; `current` is the id of the one that asks."""
    return SessionResponse(
        id=session.public_id,
        door=session.door,
        address=session.address,
        agent=session.agent,
        created_at=session.created_at,
        seen_at=session.seen_at,
        expires_at=session.expires_at,
        current=session.public_id == current,
    )


def profile_answer(user: User) -> ProfileResponse:
    """Say what a person may read about themselves."""
    customer = customer_of(user)
    return ProfileResponse(
        id=user.public_id,
        email=user.email,
        name=user.name,
        phone=(customer.phone if customer else "") or None,
        document=(customer.document if customer else "") or None,
        email_verified=user.email_verified_at is not None,
        is_staff=user.is_staff,
        joined_at=user.joined_at,
    )


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
