"""What the shop asks of a way to pay, and the plain values in which both sides speak.

Amounts are Decimals with two places and instants are aware: an adapter translates from and to its gateway's own. It
opens no transaction, touches no table and decides nothing about orders; it says how things stand, and `services` judge.

What an adapter raises tells two things apart. `Unreachable`: nobody knows whether it happened, so it is asked again
under the same key. `Declined`: it has certainly not happened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec

PaymentStanding = Literal["pending", "succeeded", "failed", "expired", "cancelled"]
RefundStanding = Literal["sent", "succeeded", "refused"]


def own_id(text: Any) -> UUID | None:
    """Return the id that we gave along, as a gateway gives it back; None for what is none of ours."""
    try:
        return UUID(str(text))
    except ValueError:
        return None


class GatewayError(Exception):
    """A gateway did not do what it was asked."""


class Unreachable(GatewayError):  # noqa: N818 - a state of affairs
    """No answer, or none that says whether it happened: a time-out, a broken connection, a server's own error."""


class Declined(GatewayError):  # noqa: N818 - a state of affairs
    """The gateway understood and said no. The text is the gateway's word for why, without personal data."""


class BadSignature(GatewayError):  # noqa: N818 - a state of affairs
    """What claims to come from the gateway does not prove it: forged, altered, or too old."""


@dataclass(frozen=True)
class Asked:
    """A payment as a gateway is asked for it. `key`: under which it happens once, however often it is asked.

    Every word of it is the same each time: gateways refuse a key that comes again with something else.
    """

    id: UUID
    key: str
    order: str
    method: str
    amount: Decimal
    currency: str
    expires_at: datetime | None
    description: str
    return_url: str
    notify_url: str
    email: str = ""
    begun_at: datetime | None = None


@dataclass(frozen=True)
class Sought:
    """A payment that a gateway is asked about: by its own reference, or by what we called it when we asked.

    `handle`: the gateway's word for what it gave to pay with, if it has said one.
    """

    reference: str = ""
    payment: UUID | None = None
    handle: str = ""


@dataclass(frozen=True)
class Given:
    """What a customer pays with: a page to open, a secret for the gateway's own form, a Pix to copy or scan.

    `handle`: what the gateway calls that, where it is not the payment itself; shown to nobody.
    """

    checkout_url: str = ""
    client_secret: str = ""
    pix_text: str = ""
    handle: str = ""


@dataclass(frozen=True)
class RefundFact:
    """How one refund stands at its gateway. `refund`: what we called it, None for one that we did not ask for."""

    reference: str
    status: RefundStanding
    amount: Decimal
    currency: str
    payment: str = ""
    refund: UUID | None = None
    account: str | None = None
    live: bool | None = None
    failure: str = ""


@dataclass(frozen=True)
class DisputeFact:
    """A customer disputes a payment with their bank. `payment`: the gateway's own word for it."""

    reference: str
    payment: str
    amount: Decimal
    currency: str
    status: str = ""


@dataclass(frozen=True)
class PaymentFact:
    """How one payment stands at its gateway.

    `payment` and `order`: what we called them when we asked, as the gateway gives them back. `account` and `live`:
    whose money it is and whether it is real; None where the gateway has no such thing. `refunds`, `dispute`: what has
    gone back of it and whether it is disputed, where the gateway says that together with the payment.
    """

    reference: str
    status: PaymentStanding
    amount: Decimal
    currency: str
    payment: UUID | None = None
    order: str = ""
    account: str | None = None
    live: bool | None = None
    given: Given = field(default_factory=Given)
    failure: str = ""
    at: datetime | None = None
    refunds: tuple[RefundFact, ...] = ()
    dispute: DisputeFact | None = None


@dataclass(frozen=True)
class Returning:
    """Money that a gateway is asked to give back. `payment`: the gateway's own word for the payment."""

    id: UUID
    key: str
    payment: str
    amount: Decimal
    currency: str
    reason: str
    reference: str = ""
    """What the gateway called this refund, once it has said so."""


@dataclass(frozen=True)
class Delivery:
    """A request that claims to come from a gateway, letter by letter; names of headers count in any case."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]


@dataclass(frozen=True)
class Event:
    """Something a gateway tells; with neither a fact nor a reference it is of no concern to us.

    `look_up`: the reference of a payment to ask about, where the event itself says little. `standing`: it says how
    something stands rather than what has happened, and tells nothing to who knows that already.
    """

    id: str
    kind: str
    at: datetime
    body: bytes
    payment: PaymentFact | None = None
    refund: RefundFact | None = None
    dispute: DisputeFact | None = None
    look_up: str = ""
    standing: bool = False

    def told(self) -> dict[str, Any]:
        """Return what it says as plain JSON."""
        said = Told(payment=self.payment, refund=self.refund, dispute=self.dispute, look_up=self.look_up)
        found: dict[str, Any] = msgspec.to_builtins(said)
        return found


@dataclass(frozen=True)
class Told:
    """What an event says, as it is kept."""

    payment: PaymentFact | None = None
    refund: RefundFact | None = None
    dispute: DisputeFact | None = None
    look_up: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Told":
        """Return what was kept as it was told."""
        return msgspec.convert(dict(kept), cls)


@dataclass(frozen=True)
class Connection:
    """What a test of the connection found. `account` and `live` as in the facts."""

    ok: bool
    detail: str = ""
    account: str | None = None
    live: bool | None = None


class PaymentGateway(Protocol):
    """One way to pay. Those that are not `remote` answer at once from what they know, without speaking to anybody."""

    @property
    def name(self) -> str:
        """What payments and events call it."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The ways to pay that it can complete."""

    @property
    def remote(self) -> bool:
        """Whether it speaks to the outside."""

    @property
    def account(self) -> str | None:
        """Whose account its money belongs to, as its facts name it; None where they name none."""

    @property
    def live(self) -> bool | None:
        """Whether its money is real, as its facts say; None where they do not."""

    def begin(self, asked: Asked) -> PaymentFact:
        """Begin the payment, once for its key, and return how it stands. Raises Unreachable, Declined."""

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Return how a payment stands; None where the gateway knows nothing of it.

        Changes nothing. Raises Unreachable.
        """

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """See to it that nobody can pay a payment any more, where the gateway can do that, and return how it stands.

        May be repeated. Raises Unreachable, Declined.
        """

    def refund(self, returning: Returning) -> RefundFact:
        """Give money back, once for its key, and return how that stands. Raises Unreachable, Declined."""

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Return what the gateway tells, if it is the gateway that tells it. Raises BadSignature."""

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return what the gateway has told or tried to tell since then, oldest first. Raises Unreachable."""

    def check_connection(self) -> Connection:
        """Ask the gateway something harmless. Raises Unreachable, Declined."""
