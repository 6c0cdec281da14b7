"""What requests say of people, of how they sign in and of their sessions, and what they are told of themselves."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from msgspec import UNSET, UnsetType

from accounts.models import RefreshFamily, User
from accounts.selectors import customer_of
from accounts.services import TokenPair
from accounts.wording import program_of
from api.answers import Answer, one_of
from api.bodies import Body
from api.kinds import Choice, Name, Secret, TextLine, Wrong
from api.kinds_of_people import Document, Email, Phone

Password = Annotated[str, Secret(128)]
Token = Annotated[str, TextLine(2048)]


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


class RegistrationResponse(Answer, frozen=True, kw_only=True):
    """What was asked for; the same whether or not the e-mail had a login before."""

    email: str
    name: str


class TokenPairResponse(Answer, frozen=True, kw_only=True):
    """A session's tokens: `access` lasts ten minutes, `refresh` a day and one use, or travels as a cookie."""

    access: str
    refresh: str | UnsetType = UNSET


class SessionResponse(Answer, frozen=True, kw_only=True):
    """One of one's sessions; `current` is the one that asks, `program` what people call its browser and machine."""

    id: UUID
    door: Annotated[str, one_of("desk", "api")]
    address: str
    agent: str
    program: str
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
        program=program_of(session.agent),
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
