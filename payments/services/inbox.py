"""Ticks off what gateways have told, in the transaction that does what follows from it."""

from datetime import datetime

from common.transactions import within_unit_of_work
from payments.models import GatewayEvent, Payment


@within_unit_of_work
def close_event(
    *,
    event: GatewayEvent | None,
    now: datetime,
    payment: Payment | None = None,
    status: str = GatewayEvent.Status.HANDLED,
    note: str = "",
) -> None:
    """Write down what became of an event; one that is done with stays as it is."""
    if event is None:
        return
    waiting = GatewayEvent.objects.filter(pk=event.pk, status=GatewayEvent.Status.RECEIVED)
    waiting.update(status=status, handled_at=now, note=note[:200], payment=payment)
