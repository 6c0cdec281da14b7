"""The gateway in memory as tests use it: it does wrong only what it is told to.

    gateway = registered(monkeypatch, settings)     # card payments go through it
    begin(order)                                    # our side asks it
    gateway.pay(payment)                            # the customer pays at its page
    tell(gateway.event(payment))                    # it tells us, signed

Time moves by argument, and in the other tests with `time_machine`. `gateway.lost` lists the calls whose next answer is
lost after it has done what it was asked, `gateway.down` those it never gets.
"""

from collections import defaultdict
from typing import Any

import pytest

from payments.gateways import calls, registry
from payments.gateways.in_memory import InMemoryGateway
from payments.gateways.protocol import Declined, PaymentFact, Unreachable
from payments.models import Payment

NAME = "standin"
SECRET = "whsec-of-the-stand-in"


class StandIn(InMemoryGateway):
    """Notes what it is asked, and fails as the test says."""

    def __init__(self) -> None:
        super().__init__(name=NAME, secret=SECRET)
        self.calls: list[str] = []
        self.lost: list[str] = []
        self.down: list[str] = []
        self.declines: list[str] = []

    def pay(self, payment: Payment, *, status: Any = "succeeded", **differs: Any) -> PaymentFact:
        """Let the customer pay at the gateway; `differs` is what is not as it was asked."""
        return self.paid(payment.key, status=status, **differs)

    def pay_again(self, payment: Payment, **differs: Any) -> PaymentFact:
        """Let the customer pay a second time, which is another payment of the gateway."""
        return self.paid_again(payment.key, **differs)

    def called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.down:
            raise Unreachable("connection refused")
        if name in self.declines:
            raise Declined("card_declined")

    def answered(self, name: str) -> None:
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
