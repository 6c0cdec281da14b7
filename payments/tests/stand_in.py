"""A gateway that lives in the memory of a test: it keeps its own books, and does wrong only what it is told to.

    gateway = stand_in(settings)            # card payments go through it
    begin(order)                            # our side asks it
    gateway.pay(payment)                    # the customer pays at its page
    tell(gateway.event(payment))            # it tells us, signed

Time moves by argument, and in the other tests with `time_machine`. `gateway.lost` lists the calls whose next answer is
lost after it has done what it was asked, `gateway.down` those it never gets.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from payments.gateways import calls, registry
from payments.gateways.protocol import (
    Asked,
    BadSignature,
    Connection,
    Declined,
    Delivery,
    Event,
    Given,
    PaymentFact,
    RefundFact,
    Returning,
    Sought,
    Told,
    Unreachable,
)
from payments.models import Payment

NAME = "standin"
SECRET = "whsec-of-the-stand-in"


class StandIn:
    """Keeps payments and refunds by our key, so that asking again begins nothing new."""

    name = NAME
    methods = ("card", "pix")
    remote = True
    account: str | None = "acct-1"
    live: bool | None = False

    def __init__(self) -> None:
        self.payments: dict[str, PaymentFact] = {}
        self.refunds: dict[str, RefundFact] = {}
        self.told: list[Event] = []
        self.calls: list[str] = []
        self.lost: list[str] = []
        self.down: list[str] = []
        self.declines: list[str] = []
        self.slow_refunds = False

    def begin(self, asked: Asked) -> PaymentFact:
        """Begin a payment, once for its key."""
        self._called("begin")
        if asked.key not in self.payments:
            reference = f"pay-{len(self.payments) + 1}"
            self.payments[asked.key] = PaymentFact(
                reference=reference, status="pending", amount=asked.amount, currency=asked.currency, payment=asked.id,
                order=asked.order, account=self.account, live=self.live,
                given=Given(checkout_url=f"https://gateway.example/{reference}", client_secret=f"{reference}-secret"),
            )  # fmt: skip
        self._answered("begin")
        return self.payments[asked.key]

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Find a payment by either name."""
        self._called("look_up")
        found = [
            fact
            for fact in self.payments.values()
            if fact.reference == sought.reference or (not sought.reference and fact.payment == sought.payment)
        ]
        return found[0] if found else None

    def refund(self, returning: Returning) -> RefundFact:
        """Give back, once for its key, no more than came."""
        self._called("refund")
        if returning.key not in self.refunds:
            came = next(fact.amount for fact in self.payments.values() if fact.reference == returning.payment)
            gone = sum(fact.amount for fact in self.refunds.values() if fact.payment == returning.payment)
            if gone + returning.amount > came:
                raise Declined("more than came")
            self.refunds[returning.key] = RefundFact(
                reference=f"back-{len(self.refunds) + 1}", status="sent" if self.slow_refunds else "succeeded",
                amount=returning.amount, currency=returning.currency, payment=returning.payment, refund=returning.id,
            )  # fmt: skip
        self._answered("refund")
        return self.refunds[returning.key]

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Believe whoever knows the secret."""
        if delivery.headers.get("X-Signature") != SECRET:
            raise BadSignature("forged")
        body = json.loads(delivery.body)
        said = Told.of(body["tells"])
        return Event(
            id=body["id"], kind=body["kind"], at=now, body=delivery.body, payment=said.payment, refund=said.refund,
            dispute=said.dispute, look_up=said.look_up,
        )  # fmt: skip

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return what it has told since then."""
        self._called("list_events")
        return [event for event in self.told if event.at >= since]

    def check_connection(self) -> Connection:
        """Say that it is there."""
        self._called("check_connection")
        return Connection(ok=True, account=self.account, live=self.live)

    def pay(self, payment: Payment, *, status: Any = "succeeded", **differs: Any) -> PaymentFact:
        """Let the customer pay at the gateway; `differs` is what is not as it was asked."""
        key = payment.key
        self.payments[key] = replace(self.payments[key], status=status, **differs)
        return self.payments[key]

    def pay_again(self, payment: Payment, **differs: Any) -> PaymentFact:
        """Let the customer pay a second time, which is another payment of the gateway."""
        fact = replace(self.payments[payment.key], reference=f"pay-again-{len(self.payments)}", status="succeeded")
        self.payments[fact.reference] = replace(fact, **differs)
        return self.payments[fact.reference]

    def event(self, about: PaymentFact | RefundFact, *, now: datetime, event_id: str = "") -> Delivery:
        """Return the request in which it tells of something, signed."""
        key = "payment" if isinstance(about, PaymentFact) else "refund"
        payment, refund = (about, None) if isinstance(about, PaymentFact) else (None, about)
        tells = msgspec.to_builtins(Told(payment=payment, refund=refund))
        said = {"id": event_id or f"evt-{uuid4().hex}", "kind": f"{key}.{about.status}", "tells": tells}
        delivery = Delivery(body=json.dumps(said).encode(), headers={"X-Signature": SECRET}, query={})
        self.told.append(self.verify_event(delivery, now=now))
        return delivery

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.down:
            raise Unreachable("connection refused")
        if name in self.declines:
            raise Declined("card_declined")

    def _answered(self, name: str) -> None:
        if name in self.lost:
            self.lost.remove(name)
            raise Unreachable("timed out")


def registered(monkeypatch: pytest.MonkeyPatch, settings: Any, *, method: str = "card") -> StandIn:
    """Return a new stand-in through which payments of `method` go."""
    gateway = StandIn()
    monkeypatch.setitem(registry.REMOTE, NAME, lambda: gateway)
    monkeypatch.setattr(calls, "breakers", defaultdict(calls.Breaker))
    monkeypatch.setattr(calls, "PAUSE", (0.0, 0.0))
    settings.PAYMENT_GATEWAYS = {"pix": "pix", "card": "", method: NAME}
    return gateway
