"""What a gateway says in so many words, and what becomes of it."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from orders.models import Order
from payments import services as payments
from payments.gateways.protocol import Delivery, PaymentFact, Told
from payments.models import GatewayEvent, Payment
from payments.tests.by_card import LATER, relay
from payments.tests.stand_in import NAME, SECRET

STRAY = PaymentFact(
    reference="pay-9",
    status="succeeded",
    amount=Decimal("10.00"),
    currency="BRL",
    order="NOBODY",
    account="acct-1",
    live=False,
)


def delivery(event_id: str = "evt-1", kind: str = "told", **parts: Any) -> Delivery:
    """Return what the gateway sends when it tells of those parts."""
    tells = msgspec.to_builtins(Told(**parts))
    body = json.dumps({"id": event_id, "kind": kind, "tells": tells}).encode()
    return Delivery(body=body, headers={"X-Signature": SECRET}, query={})


def say(event_id: str = "evt-1", *, now: datetime = LATER, **parts: Any) -> dict[str, Any]:
    """Have the shop hear of something and do what follows; return the event's columns."""
    payments.receive_event(gateway=NAME, delivery=delivery(event_id, **parts), now=now)
    relay(now)
    return dict(GatewayEvent.objects.values().get(event_id=event_id))


def outcome(event: dict[str, Any]) -> tuple[str, str, int | None, datetime | None]:
    """Return what became of an event: its status, the note, which payment it is about and when that was."""
    return event["status"], event["note"], event["payment_id"], event["handled_at"]


def elsewhere(order: Order) -> Payment:
    """Return an open attempt at another gateway, which happens to call it what the first of ours is called."""
    return Payment.objects.create(
        order=order, gateway="elsewhere", method="card", status="pending", amount=order.total, currency="BRL",
        gateway_reference="pay-1", actor_kind="guest", created_at=LATER, answered_at=LATER,
    )  # fmt: skip
