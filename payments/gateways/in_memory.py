"""A gateway that keeps its books in memory: for the tests of the rules, and for the race drill.

It does what a real one does: begins and refunds once for each key, gives no more back than came, signs what it tells,
and remembers it. `called` and `answered` are for those who make trouble; here they do nothing. Safe for threads.
"""

import json
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

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
)


class InMemoryGateway:
    """Keeps payments and refunds by our key, so that asking again begins nothing new."""

    methods: tuple[str, ...] = ("card", "pix")
    remote = True
    account: str | None = "acct-1"
    live: bool | None = False
    slow_refunds = False

    def __init__(self, *, name: str, secret: str) -> None:
        self.name = name
        self.secret = secret
        self.payments: dict[str, PaymentFact] = {}
        self.refunds: dict[str, RefundFact] = {}
        self.told: list[Event] = []
        self._guard = threading.RLock()

    def begin(self, asked: Asked) -> PaymentFact:
        """Begin a payment, once for its key."""
        self.called("begin")
        with self._guard:
            if asked.key not in self.payments:
                reference = f"pay-{len(self.payments) + 1}"
                self.payments[asked.key] = PaymentFact(
                    reference=reference, status="pending", amount=asked.amount, currency=asked.currency,
                    payment=asked.id, order=asked.order, account=self.account, live=self.live,
                    given=Given(
                        checkout_url=f"https://gateway.example/{reference}", client_secret=f"{reference}-secret"
                    ),
                )  # fmt: skip
        self.answered("begin")
        return self.payments[asked.key]

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Find a payment by either name."""
        self.called("look_up")
        return self._found(sought)

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """Return how it stands; what was begun here can be paid for ever, so that money can be late."""
        self.called("close")
        return self._found(sought)

    def _found(self, sought: Sought) -> PaymentFact | None:
        with self._guard:
            for fact in self.payments.values():
                if fact.reference == sought.reference or (not sought.reference and fact.payment == sought.payment):
                    return fact
        return None

    def refund(self, returning: Returning) -> RefundFact:
        """Give back, once for its key, no more than came."""
        self.called("refund")
        with self._guard:
            if returning.key not in self.refunds:
                came = next(fact.amount for fact in self.payments.values() if fact.reference == returning.payment)
                gone = sum(fact.amount for fact in self.refunds.values() if fact.payment == returning.payment)
                if gone + returning.amount > came:
                    raise Declined("more than came")
                self.refunds[returning.key] = RefundFact(
                    reference=f"back-{len(self.refunds) + 1}", status="sent" if self.slow_refunds else "succeeded",
                    amount=returning.amount, currency=returning.currency, payment=returning.payment,
                    refund=returning.id,
                )  # fmt: skip
        self.answered("refund")
        return self.refunds[returning.key]

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Believe whoever knows the secret."""
        if delivery.headers.get("X-Signature") != self.secret:
            raise BadSignature("forged")
        body = json.loads(delivery.body)
        said = Told.of(body["tells"])
        return Event(
            id=body["id"], kind=body["kind"], at=now, body=delivery.body, payment=said.payment, refund=said.refund,
            dispute=said.dispute, look_up=said.look_up,
        )  # fmt: skip

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return what it has told since then."""
        self.called("list_events")
        with self._guard:
            return [event for event in self.told if event.at >= since]

    def check_connection(self) -> Connection:
        """Say that it is there."""
        self.called("check_connection")
        return Connection(ok=True, account=self.account, live=self.live)

    def paid(self, key: str, *, status: Any = "succeeded", **differs: Any) -> PaymentFact:
        """Let the customer pay at the gateway what was begun under `key`; `differs` is what is not as it was asked."""
        with self._guard:
            self.payments[key] = replace(self.payments[key], status=status, **differs)
            return self.payments[key]

    def paid_again(self, key: str, **differs: Any) -> PaymentFact:
        """Let the customer pay a second time, which is another payment of the gateway."""
        with self._guard:
            reference = f"pay-again-{len(self.payments)}"
            second = replace(self.payments[key], reference=reference, status="succeeded", **differs)
            self.payments[reference] = second
            return second

    def event(self, about: PaymentFact | RefundFact, *, now: datetime, event_id: str = "") -> Delivery:
        """Return the request in which it tells of something, signed."""
        key = "payment" if isinstance(about, PaymentFact) else "refund"
        payment, refund = (about, None) if isinstance(about, PaymentFact) else (None, about)
        tells = msgspec.to_builtins(Told(payment=payment, refund=refund))
        said = {"id": event_id or f"evt-{uuid4().hex}", "kind": f"{key}.{about.status}", "tells": tells}
        delivery = Delivery(body=json.dumps(said).encode(), headers={"X-Signature": self.secret}, query={})
        with self._guard:
            self.told.append(self.verify_event(delivery, now=now))
        return delivery

    def called(self, name: str) -> None:
        """Be asked something, before anything is done. May raise Unreachable, Declined."""

    def answered(self, name: str) -> None:
        """Have done it, before it is said. May raise Unreachable."""
