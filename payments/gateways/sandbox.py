"""The sandbox: a payment provider for demonstrations and tests, a process of its own that takes play money.

It is spoken to like a real one: JSON over HTTP, an idempotency key for whatever happens once, signed events.
"""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from payments.gateways.line import Line
from payments.gateways.protocol import (
    Asked,
    BadSignature,
    Connection,
    Declined,
    Delivery,
    DisputeFact,
    Event,
    Given,
    PaymentFact,
    PaymentStanding,
    RefundFact,
    RefundStanding,
    Returning,
    Sought,
    Unreachable,
    own_id,
)

T = TypeVar("T")

SIGNATURE = "sandbox-signature"
TOLERANCE = timedelta(seconds=300)
ACCOUNT = "sandbox"
LATER = frozenset({408, 425, 429})
"""Refusals that say: not now."""


class _Payment(msgspec.Struct, frozen=True):
    id: str
    status: PaymentStanding
    amount: int
    currency: str
    account: str
    live: bool
    metadata: dict[str, str] = {}
    received: int | None = None
    checkout_url: str = ""
    pix_text: str = ""
    failure: str = ""
    paid_at: datetime | None = None

    def fact(self) -> PaymentFact:
        """Return it in our words; what came counts, not what was asked for."""
        return PaymentFact(
            reference=self.id,
            status=self.status,
            amount=_money(self.amount if self.received is None else self.received),
            currency=self.currency,
            payment=own_id(self.metadata.get("payment", "")),
            order=self.metadata.get("order", ""),
            account=self.account,
            live=self.live,
            given=Given(checkout_url=self.checkout_url, pix_text=self.pix_text),
            failure=self.failure,
            at=self.paid_at,
        )


class _Refund(msgspec.Struct, frozen=True):
    id: str
    payment: str
    status: RefundStanding
    amount: int
    currency: str
    account: str
    live: bool
    metadata: dict[str, str] = {}
    failure: str = ""

    def fact(self) -> RefundFact:
        """Return it in our words."""
        return RefundFact(
            reference=self.id,
            status=self.status,
            amount=_money(self.amount),
            currency=self.currency,
            payment=self.payment,
            refund=own_id(self.metadata.get("refund", "")),
            account=self.account,
            live=self.live,
            failure=self.failure,
        )


class _Dispute(msgspec.Struct, frozen=True):
    id: str
    payment: str
    amount: int
    currency: str
    status: str = ""

    def fact(self) -> DisputeFact:
        """Return it in our words."""
        return DisputeFact(
            reference=self.id,
            payment=self.payment,
            amount=_money(self.amount),
            currency=self.currency,
            status=self.status,
        )


class _Event(msgspec.Struct, frozen=True):
    id: str
    type: str
    created_at: datetime
    payment: _Payment | None = None
    refund: _Refund | None = None
    dispute: _Dispute | None = None

    def told(self, *, body: bytes) -> Event:
        """Return it in our words, with the letters it came in."""
        return Event(
            id=self.id,
            kind=self.type,
            at=self.created_at,
            body=body,
            payment=self.payment.fact() if self.payment else None,
            refund=self.refund.fact() if self.refund else None,
            dispute=self.dispute.fact() if self.dispute else None,
        )


class _Payments(msgspec.Struct, frozen=True):
    data: list[_Payment]


class _Events(msgspec.Struct, frozen=True):
    data: list[msgspec.Raw]
    has_more: bool = False


class _Account(msgspec.Struct, frozen=True):
    id: str
    live: bool


class _Refusal(msgspec.Struct, frozen=True):
    code: str


class Sandbox:
    """The sandbox at its address."""

    name = "sandbox"
    methods = ("card", "pix")
    remote = True
    account: str | None = ACCOUNT
    live: bool | None = False

    def __init__(self, *, url: str, key: str, secret: str) -> None:
        self._line, self._secret = Line(base=url, token=key, proxied=False), secret

    def begin(self, asked: Asked) -> PaymentFact:
        """Begin the payment, once for its key. Raises Unreachable, Declined."""
        body = {
            "amount": _cents(asked.amount),
            "currency": asked.currency,
            "method": asked.method,
            "description": asked.description,
            "expires_at": asked.expires_at,
            "return_url": asked.return_url,
            "notify_url": asked.notify_url,
            "metadata": {"payment": str(asked.id), "order": asked.order},
        }
        return self._ask("POST", "/v1/payments", answer=_Payment, body=body, key=asked.key).fact()

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Return how a payment stands; None where it is unknown. Raises Unreachable."""
        if not sought.reference:
            query = urlencode({"metadata_payment": str(sought.payment)})
            found = self._ask("GET", f"/v1/payments?{query}", answer=_Payments).data
            return found[0].fact() if found else None
        try:
            return self._ask("GET", f"/v1/payments/{quote(sought.reference, safe='')}", answer=_Payment).fact()
        except Declined as declined:
            if str(declined) == "not_found":
                return None
            raise Unreachable(str(declined)) from declined

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """Return how it stands: what was begun here can be paid for as long as it lives."""
        return self.look_up(sought)

    def refund(self, returning: Returning) -> RefundFact:
        """Give money back, once for its key. Raises Unreachable, Declined."""
        body = {
            "amount": _cents(returning.amount),
            "currency": returning.currency,
            "reason": returning.reason,
            "metadata": {"refund": str(returning.id)},
        }
        path = f"/v1/payments/{quote(returning.payment, safe='')}/refunds"
        return self._ask("POST", path, answer=_Refund, body=body, key=returning.key).fact()

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Return what it tells. Raises BadSignature for what is forged, altered, or signed too long ago."""
        signed = _parts(delivery.headers)
        at = signed.get("t", "")
        if not (at.isascii() and at.isdigit() and len(at) < 12):
            raise BadSignature("no time")
        if abs(now - datetime.fromtimestamp(int(at), tz=UTC)) > TOLERANCE:
            raise BadSignature("signed at another time")
        wanted = hmac.new(self._secret.encode(), at.encode() + b"." + delivery.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), signed.get("v1", "").encode()):
            raise BadSignature("forged")
        try:
            return msgspec.json.decode(delivery.body, type=_Event).told(body=delivery.body)
        except msgspec.MsgspecError as strange:  # theirs, and not what we know as an event
            raise BadSignature("not understood") from strange

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return what it has told or tried to tell since then, oldest first. Raises Unreachable."""
        after, more = "", True
        while more:
            query = urlencode({"since": since.isoformat(), "after": after})
            page = self._ask("GET", f"/v1/events?{query}", answer=_Events)
            events = list(_read_events(page.data))
            yield from events
            more = page.has_more and bool(events)
            after = events[-1].id if events else ""

    def check_connection(self) -> Connection:
        """Ask who we are. Raises Unreachable, Declined."""
        found = self._ask("GET", "/v1/account", answer=_Account)
        fits = (found.id, found.live) == (self.account, self.live)
        return Connection(ok=fits, detail="" if fits else "another account", account=found.id, live=found.live)

    def _ask(
        self, method: str, path: str, *, answer: type[T], body: Mapping[str, Any] | None = None, key: str = ""
    ) -> T:
        headers = {"Idempotency-Key": key} if key else {}
        sent = msgspec.json.encode(body) if body is not None else None
        status, found = self._line.ask(method, path, body=sent, headers=headers)
        if 400 <= status < 500 and status not in LATER:  # only a refusal is a certain no
            raise Declined(_code(found) or f"HTTP {status}")
        if not 200 <= status < 300:
            raise Unreachable(f"HTTP {status}")
        return _understood(found, answer)


def _code(found: bytes) -> str:
    """Return why something was refused; empty where it is not said as the sandbox says it."""
    try:
        return msgspec.json.decode(found, type=_Refusal).code[:100]
    except msgspec.MsgspecError:
        return ""


def _understood(found: bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(found, type=kind)
    except msgspec.MsgspecError:
        raise Unreachable("answers something else") from None


def _read_events(data: list[msgspec.Raw]) -> Iterator[Event]:
    for one in data:
        yield _understood(one, _Event).told(body=bytes(one))


def _parts(headers: Mapping[str, str]) -> dict[str, str]:
    """Return what the header of the signature says, by name."""
    text = next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
    return {name.strip(): value.strip() for name, _equals, value in (part.partition("=") for part in text.split(","))}


def _cents(amount: Decimal) -> int:
    return int((amount * 100).to_integral_exact())


def _money(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
