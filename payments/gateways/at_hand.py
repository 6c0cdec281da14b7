"""What the ways to pay have in common that speak to nobody: people see the money and say so."""

from collections.abc import Iterable
from datetime import datetime

from payments.gateways.protocol import (
    Asked,
    BadSignature,
    Connection,
    Declined,
    Delivery,
    Event,
    Given,
    PaymentFact,
    PaymentStanding,
    RefundFact,
    Returning,
    Sought,
)


class AtHand:
    """A way to pay that answers at once. Refunds go back by hand, and nothing is ever told."""

    name: str
    methods: tuple[str, ...]
    remote = False
    account: str | None = None
    live: bool | None = None

    def stands(self, asked: Asked, *, status: PaymentStanding, given: Given | None = None) -> PaymentFact:
        """Return the payment as it was asked for, in that state."""
        return PaymentFact(
            reference="",
            status=status,
            amount=asked.amount,
            currency=asked.currency,
            payment=asked.id,
            order=asked.order,
            given=given or Given(),
        )

    def look_up(self, sought: Sought) -> PaymentFact | None:
        """Return nothing: only people know."""
        return None

    def close(self, sought: Sought, *, now: datetime) -> PaymentFact | None:
        """Return nothing: there is nobody to tell."""
        return None

    def refund(self, returning: Returning) -> RefundFact:
        """Refuse: it goes back by hand. Raises Declined."""
        raise Declined("by hand")

    def verify_event(self, delivery: Delivery, *, now: datetime) -> Event:
        """Refuse: it tells nothing. Raises BadSignature."""
        raise BadSignature("tells nothing")

    def list_events(self, *, since: datetime) -> Iterable[Event]:
        """Return nothing."""
        return ()

    def check_connection(self) -> Connection:
        """Return that there is nobody to speak to."""
        return Connection(ok=True)
