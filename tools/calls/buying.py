"""Calls of whoever looks, buys and books."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings

from common import clock
from scheduling import selectors as scheduling
from scheduling.models import Professional
from tools.calls import Call
from tools.calls.ground import API, GOODS, SERVICE, Ask, Ground

PHONE = "+5511987650000"


def look(path: str, *, of: str = "") -> Callable[[Ground], Ask]:
    """Return what makes a look at a fixed path, by a role where one is named."""
    return lambda ground: Ask("GET", f"{API}{path}", headers=ground.bearer(of) if of else {})


def _cart_with(*lines: dict[str, Any]) -> Callable[[Ground], Ask]:
    return lambda _ground: Ask("POST", f"{API}/carts/", {"lines": list(lines)}, status=201)


def _signed_in(make: Callable[[Ground], Ask]) -> Callable[[Ground], Ask]:
    """Return what makes a request by a customer who has signed in."""

    def made(ground: Ground) -> Ask:
        ask = make(ground)
        return replace(ask, headers={**ask.headers, **ground.bearer("customer")})

    return made


def _goods_and_a_visit(ground: Ground) -> Ask:
    slot = ground.free()
    visit = {
        "services": [SERVICE],
        "professional": slot["professionals"][0]["id"],
        "starts_at": slot["starts_at"],
    }
    return Ask("POST", f"{API}/carts/", {"lines": [{"sku": GOODS, "quantity": 1}, visit]}, status=201)


def _read_cart(ground: Ground) -> Ask:
    return Ask("GET", f"{API}/carts/{ground.cart()['id']}/")


def _claim_cart(ground: Ground) -> Ask:
    return Ask("POST", f"{API}/carts/{ground.cart()['id']}/claim/", headers=ground.bearer("customer"))


def _add_line(ground: Ground) -> Ask:
    return Ask("POST", f"{API}/carts/{ground.cart()['id']}/lines/", {"sku": "BRIOCHE-UN", "quantity": 1}, status=201)


def _empty_cart(ground: Ground) -> Ask:
    return Ask("DELETE", f"{API}/carts/{ground.cart()['id']}/lines/")


def _line(method: str, body: Any = None) -> Callable[[Ground], Ask]:
    def made(ground: Ground) -> Ask:
        cart = ground.cart()
        return Ask(method, f"{API}/carts/{cart['id']}/lines/{cart['lines'][0]['id']}/", body)

    return made


def _quote(ground: Ground) -> Ask:
    return Ask("POST", f"{API}/carts/{ground.cart()['id']}/quote/", {"fulfilment": {"method": "pickup"}})


def _place(ground: Ground) -> Ask:
    return Ask("POST", f"{API}/orders/", ground.wish(ground.cart()), ground.key(), status=201)


def _add_own_line(ground: Ground) -> Ask:
    session = ground.bearer("customer")
    path = f"{API}/carts/{ground.cart(headers=session)['id']}/lines/"
    return Ask("POST", path, {"sku": "BRIOCHE-UN", "quantity": 1}, session, status=201)


def _place_own(ground: Ground) -> Ask:
    """Order what a customer who has signed in put into a cart, with everything that one may be known by."""
    session = ground.bearer("customer")
    wanted = ground.wish(ground.cart(headers=session))
    wanted["customer"]["phone"] = PHONE
    return Ask("POST", f"{API}/orders/", wanted, {**session, **ground.key()}, status=201)


def _place_with_a_visit(ground: Ground) -> Ask:
    cart = ground.post("/carts/", _goods_and_a_visit(ground).body)
    return Ask("POST", f"{API}/orders/", ground.wish(cart), ground.key(), status=201)


def _own(path: str = "", method: str = "GET", body: Any = None) -> Callable[[Ground], Ask]:
    """Return what makes a request about an order by whoever placed it."""

    def made(ground: Ground) -> Ask:
        number, shown = ground.order()
        return Ask(method, f"{API}/orders/{number}/{path}", body, shown)

    return made


def _claim_order(ground: Ground) -> Ask:
    login, session, _refresh = ground.somebody()
    cart = ground.cart()
    wanted = ground.wish(cart)
    wanted["customer"]["email"] = login.email
    made = ground.post("/orders/", wanted, ground.key())
    return Ask("POST", f"{API}/orders/{made['number']}/claim/?access_token={made['access_token']}", headers=session)


def _pay(ground: Ground) -> Ask:
    number, shown = ground.order(method="transfer")
    return Ask(
        "POST", f"{API}/orders/{number}/payments/", {"method": "transfer"}, {**shown, **ground.key()}, status=201
    )


def _move_pickup(ground: Ground) -> Ask:
    number, shown = ground.order()
    windows = ground.get(f"/orders/{number}/reschedule-pickup/", shown)["windows"]
    return Ask("POST", f"{API}/orders/{number}/reschedule-pickup/", {"pickup_at": windows[-1]["starts_at"]}, shown)


def _hear(ground: Ground) -> Ask:
    """Tell of something that a gateway knows and the shop does not; what it does with it comes after the answer."""
    at = clock.now()
    event = {"id": uuid.uuid4().hex, "type": "payment.updated", "created_at": at.isoformat()}
    secret = settings.PAYMENT_ACCESS["sandbox"]["secret"].encode()
    stamp = str(int(at.timestamp()))
    signed = hmac.new(secret, f"{stamp}.{json.dumps(event)}".encode(), hashlib.sha256).hexdigest()
    return Ask("POST", f"{API}/payments/webhooks/sandbox/", event, {"Sandbox-Signature": f"t={stamp},v1={signed}"})


def _slots(days: int) -> Callable[[Ground], Ask]:
    def made(ground: Ground) -> Ask:
        first, last = ground.today + timedelta(days=1), ground.today + timedelta(days=days)
        return Ask("GET", f"{API}/slots/?service={SERVICE}&from={first}&to={last}")

    return made


def _book(role: str) -> Callable[[Ground], Ask]:
    """Return what makes a booking by somebody of that role."""

    def made(ground: Ground) -> Ask:
        session = {**ground.bearer(role), **ground.key()}
        return Ask("POST", f"{API}/appointments/", ground.booking(), session, status=201)

    return made


def _visit(path: str = "", method: str = "GET", body: Any = None) -> Callable[[Ground], Ask]:
    def made(ground: Ground) -> Ask:
        visit, shown = ground.visit()
        return Ask(method, f"{API}{visit}{path}", body, shown)

    return made


def _move_visit(ground: Ground) -> Ask:
    visit, shown = ground.visit()
    slot = ground.free(after=3)
    wanted = {"starts_at": slot["starts_at"], "professional": slot["professionals"][0]["id"]}
    return Ask("POST", f"{API}{visit}reschedule/", wanted, shown)


def _feed(ground: Ground) -> Ask:
    person = next(one for one in Professional.objects.order_by("pk") if scheduling.has_feed(professional=one))
    return Ask("GET", scheduling.feed_path(professional=person))


CALLS = [
    Call("GET /products/", look("/products/?page_size=20"), hot=True),
    Call("GET /products/", look("/products/?search=pao+de+queijo"), "search", hot=True),
    Call("GET /products/", look("/products/?category=bolos&in_stock=true&ordering=price"), "of a category", hot=True),
    Call("GET /products/{slug}/", look("/products/pao-de-queijo/"), hot=True),
    Call("GET /categories/", look("/categories/"), hot=True),
    Call("GET /variants/{sku}/availability/", look("/variants/BRIOCHE-UN/availability/?quantity=2"), hot=True),
    Call("GET /shop/", look("/shop/"), hot=True),
    Call("GET /services/", look("/services/"), hot=True),
    Call("GET /professionals/", look(f"/professionals/?service={SERVICE}"), hot=True),
    Call("GET /professionals/{public_id}/calendar.ics", _feed),
    Call("GET /slots/", _slots(7), "a week", hot=True),
    Call("GET /slots/", _slots(31), "a month", hot=True),
    Call("GET /slots/next/", look(f"/slots/next/?service={SERVICE}"), hot=True),
    Call("POST /carts/", _cart_with({"sku": GOODS, "quantity": 1}, {"sku": "BRIOCHE-UN", "quantity": 1}), hot=True),
    Call("POST /carts/", _goods_and_a_visit, "goods and a visit", hot=True),
    Call("POST /carts/", _signed_in(_cart_with({"sku": GOODS, "quantity": 1})), "signed in", hot=True),
    Call("POST /carts/", _signed_in(_goods_and_a_visit), "goods and a visit, signed in", hot=True),
    Call("GET /carts/{cart_id}/", _read_cart, hot=True),
    Call("POST /carts/{cart_id}/claim/", _claim_cart),
    Call("POST /carts/{cart_id}/lines/", _add_line, hot=True),
    Call("POST /carts/{cart_id}/lines/", _add_own_line, "signed in", hot=True),
    Call("DELETE /carts/{cart_id}/lines/", _empty_cart),
    Call("PATCH /carts/{cart_id}/lines/{line_id}/", _line("PATCH", {"quantity": 2}), hot=True),
    Call("DELETE /carts/{cart_id}/lines/{line_id}/", _line("DELETE"), hot=True),
    Call("POST /carts/{cart_id}/quote/", _quote, hot=True),
    Call("POST /orders/", _place, hot=True),
    Call("POST /orders/", _place_with_a_visit, "goods and a visit", hot=True),
    Call("POST /orders/", _place_own, "signed in", hot=True),
    Call("GET /orders/{number}/", _own(), hot=True),
    Call("GET /orders/{number}/history/", _own("history/")),
    Call("GET /orders/{number}/payments/", _own("payments/"), hot=True),
    Call("POST /orders/{number}/payments/", _pay, hot=True),
    Call("GET /orders/{number}/cancel/", _own("cancel/")),
    Call("POST /orders/{number}/cancel/", _own("cancel/", "POST", {"reason": "Mudei de ideia"}), hot=True),
    Call("POST /orders/{number}/claim/", _claim_order),
    Call("GET /orders/{number}/reschedule-pickup/", _own("reschedule-pickup/")),
    Call("POST /orders/{number}/reschedule-pickup/", _move_pickup),
    Call("POST /payments/webhooks/{gateway}/", _hear),
    Call("GET /appointments/", look("/appointments/", of="owner"), hot=True),
    Call("GET /appointments/", look("/appointments/", of="customer"), "one's own", hot=True),
    Call("POST /appointments/", _book("owner"), hot=True),
    Call("POST /appointments/", _book("customer"), "signed in", hot=True),
    Call("GET /appointments/{public_id}/", _visit(), hot=True),
    Call("GET /appointments/{public_id}/calendar.ics", _visit("calendar.ics")),
    Call("POST /appointments/{public_id}/cancel/", _visit("cancel/", "POST", {"reason": "Mudei de ideia"}), hot=True),
    Call("GET /appointments/{public_id}/reschedule/", _visit("reschedule/")),
    Call("POST /appointments/{public_id}/reschedule/", _move_visit, hot=True),
]
