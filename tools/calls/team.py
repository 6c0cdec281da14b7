"""Calls of the team through the API."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tools.calls import Call
from tools.calls.buying import look
from tools.calls.ground import API, Ask, Ground


def _confirm(ground: Ground) -> Ask:
    number, _shown = ground.order(method="transfer")
    total = ground.get(f"/orders/{number}/", ground.bearer())["total"]
    headers = {**ground.bearer(), **ground.key()}
    return Ask("POST", f"{API}/orders/{number}/confirm/", {"amount": total, "reference": "TED 1"}, headers)


def _complete(ground: Ground) -> Ask:
    number = ground.parcel("pick", "ready", "deliver").split("/")[2]
    return Ask("POST", f"{API}/orders/{number}/complete/", headers=ground.bearer())


def _hand_over(ground: Ground) -> Ask:
    number = ground.paid()
    wanted = {"lines": [{"line": ground.line_of(number)["id"], "quantity": 1}]}
    return Ask("POST", f"{API}/orders/{number}/fulfilments/", wanted, ground.bearer(), status=201)


def _parcel(verb: str, *before: str, status: int = 200) -> Callable[[Ground], Ask]:
    return lambda ground: Ask("POST", f"{API}{ground.parcel(*before)}{verb}/", headers=ground.bearer(), status=status)


def _refund(ground: Ground) -> Ask:
    number = ground.paid()
    wanted: dict[str, Any] = {"amount": "1.00", "restock": False, "reason": "Veio amassado"}
    return Ask("POST", f"{API}/orders/{number}/refunds/", wanted, {**ground.bearer(), **ground.key()}, status=201)


def _adjust(ground: Ground) -> Ask:
    wanted = {"sku": "BRIOCHE-UN", "quantity": 5, "operation": "add", "reason": "Fornada"}
    return Ask("POST", f"{API}/stock/adjustments/", wanted, {**ground.bearer(), **ground.key()}, status=201)


def _of_a_month(ground: Ground) -> Ask:
    first = ground.today - timedelta(days=30)
    path = f"{API}/orders/?status=confirmed&payment_method=on_site&placed_from={first}T00:00:00Z"
    return Ask("GET", path, headers=ground.bearer())


CALLS = [
    Call("GET /orders/", look("/orders/", of="owner"), hot=True),
    Call("GET /orders/", look("/orders/", of="customer"), "one's own", hot=True),
    Call("GET /orders/", look("/orders/?email=ana@example.com", of="owner"), "of an address", hot=True),
    Call("GET /orders/", _of_a_month, "of a month", hot=True),
    Call("POST /orders/{number}/confirm/", _confirm, hot=True),
    Call("POST /orders/{number}/complete/", _complete),
    Call("POST /orders/{number}/fulfilments/", _hand_over, hot=True),
    Call("POST /orders/{number}/fulfilments/{fulfilment_id}/pick/", _parcel("pick"), hot=True),
    Call("POST /orders/{number}/fulfilments/{fulfilment_id}/ready/", _parcel("ready", "pick"), hot=True),
    # What is collected is not sent: the refusal costs what the deed would.
    Call("POST /orders/{number}/fulfilments/{fulfilment_id}/ship/", _parcel("ship", "pick", status=409)),
    Call("POST /orders/{number}/fulfilments/{fulfilment_id}/deliver/", _parcel("deliver", "pick", "ready"), hot=True),
    Call("POST /orders/{number}/fulfilments/{fulfilment_id}/return/", _parcel("return", "pick", "ready", "deliver")),
    Call("POST /orders/{number}/refunds/", _refund, hot=True),
    Call("POST /stock/adjustments/", _adjust, hot=True),
]
