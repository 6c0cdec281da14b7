"""The clients of a drill: each shops, pays, changes its mind, and writes down what it asked and what it was told.

Customers and gateways speak HTTP to the shop's own application; staff calls the services, each wish with a key of its
own. A wish whose answer was lost is sent again under the same key, mostly.
"""

import http.client
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError, connection

from common import clock
from common.errors import Refusal
from common.keys import IdempotencyKey
from common.use_cases import only_once
from inventory import services as inventory
from operations.drill import premises
from operations.drill.history import History, Operation
from operations.drill.post import Post
from operations.drill.premises import Premises
from orders.selectors import Access
from payments import services as payments

MOST_TRIES = 3
LOST = 0.05
"""How many answers a client does not wait for, where answers are lost."""
CHORES = (
    ("order", 26), ("begin", 16), ("pay", 14), ("tell", 18), ("book", 10), ("cancel", 6), ("refund", 6), ("confirm", 6),
    ("restock", 4), ("look", 8), ("call_off", 4), ("forge", 2),
)  # fmt: skip
BUSY = ("idempotency_in_progress", "throttled")
"""Codes of a 4xx that do not say that nothing will happen."""
PATIENCE_SECONDS = 30
MOST_KEPT = 40


@dataclass
class Mine:
    """An order that a client has placed."""

    number: str
    token: str
    method: str
    total: Decimal
    payment: str = ""
    is_paid: bool = False


@dataclass
class Client:
    """One client, in a thread of its own."""

    name: str
    address: tuple[str, int]
    premises: Premises
    history: History
    post: Post
    loses_answers: bool
    dice: random.Random
    orders: list[Mine] = field(default_factory=list)
    visits: list[tuple[str, str]] = field(default_factory=list)
    made: int = 0
    _line: http.client.HTTPConnection | None = None

    def work(self, *, goes_on: Callable[[], bool]) -> None:
        """Do one thing after the other while it goes on."""
        names, weights = zip(*CHORES, strict=True)
        while goes_on():
            getattr(self, self.dice.choices(names, weights)[0])()
        self._hang_up()
        connection.close()

    # As a customer

    def order(self) -> None:
        """Fill a cart and order it."""
        goods = self.dice.sample(self.premises.goods, k=self.dice.randint(1, 2))
        lines = [{"sku": sku, "quantity": self.dice.randint(1, 2)} for sku in goods]
        with self._invoked("cart") as one:
            cart = self._ask(one, "/carts/", {"lines": lines})
        if cart is None:
            return
        marker = self._marker() + "@drill.example"
        method = self.dice.choices(("card", "transfer", "on_site"), (6, 3, 1))[0]
        body = {
            "cart": cart["id"], "expected_total": cart["total"], "customer": {"name": "Ana Lima", "email": marker},
            "payment_method": method,
            "fulfilment": {"method": "pickup", "pickup_at": (clock.now() + timedelta(days=5)).isoformat()},
        }  # fmt: skip
        with self._invoked("order", marker, method=method) as one:
            found = self._ask(one, "/orders/", body, key=marker, tell=lambda said: {"number": said["number"]})
        if found is not None:
            self.orders.append(Mine(found["number"], found["access_token"], method, Decimal(found["total"])))
            del self.orders[:-MOST_KEPT]

    def begin(self) -> None:
        """Begin to pay one's order by card."""
        mine = self._one(lambda mine: mine.method == "card" and not mine.payment)
        if mine is not None:
            with self._invoked("begin", order=mine.number) as one:
                found = self._ask(
                    one, f"/orders/{mine.number}/payments/", {"method": "card"}, key=self._marker(), token=mine.token,
                    tell=lambda said: {"payment": said["id"]},
                )  # fmt: skip
            if found is not None and found["status"] == "pending":
                mine.payment = found["id"]
            elif one.outcome == "failed" and self.dice.random() < 0.7:
                self.orders.remove(mine)  # it has run out

    def pay(self) -> None:
        """Pay at the gateway's own page, sometimes twice, and sometimes something else than was asked."""
        mine = self._one(lambda mine: bool(mine.payment))
        if mine is not None:
            with self._invoked("pay", order=mine.number, payment=mine.payment) as one:
                self.post.pay(mine.payment, dice=self.dice)
                one.heard("ok")
            mine.is_paid = True
            if self.dice.random() < 0.9:
                mine.payment = ""

    def cancel(self) -> None:
        """Cancel one's order."""
        mine = self._one(lambda _mine: True)
        if mine is not None:
            with self._invoked("cancel", self._marker(), order=mine.number) as one:
                self._ask(one, f"/orders/{mine.number}/cancel/", {"reason": one.marker}, token=mine.token)
            if self.dice.random() < 0.8:
                self.orders.remove(mine)

    def look(self) -> None:
        """See how one's order stands."""
        mine = self._one(lambda _mine: True)
        if mine is not None:
            with self._invoked("look", order=mine.number) as one:
                self._ask(
                    one, f"/orders/{mine.number}/", None, token=mine.token,
                    tell=lambda said: {name: said[name] for name in ("status", "paid", "refunded")},
                )  # fmt: skip

    def book(self) -> None:
        """Book a visit at one of few times."""
        zone, marker = ZoneInfo("America/Sao_Paulo"), self._marker() + "@drill.example"
        day = clock.now().astimezone(zone) + timedelta(days=self.dice.randint(1, 3))
        body = {
            "services": [premises.SERVICE], "professional": str(self.dice.choice(self.premises.people)),
            "starts_at": day.replace(
                hour=self.dice.choice(premises.HOURS), minute=self.dice.choice((0, 0, 30)), second=0, microsecond=0
            ).isoformat(),
            "customer": {"name": "Ana Lima", "email": marker},
        }  # fmt: skip
        with self._invoked("book", marker) as one:
            found = self._ask(one, "/appointments/", body, key=marker, tell=lambda said: {"visit": said["id"]})
        if found is not None:
            self.visits.append((found["id"], found["access_token"]))

    def call_off(self) -> None:
        """Call a visit off."""
        if self.visits:
            visit, token = self.visits.pop(self.dice.randrange(len(self.visits)))
            with self._invoked("call_off", visit=visit) as one:
                self._ask(one, f"/appointments/{visit}/cancel/", {}, token=token, scheme="Appointment")

    # As the gateway

    def tell(self) -> None:
        """Deliver one of the gateway's letters."""
        letter = self.post.next(dice=self.dice)
        if letter is not None:
            with self._invoked("tell", letter.id) as one:
                self._ask(one, self.post.path, letter.body, signature=letter.signature)

    def forge(self) -> None:
        """Tell what no gateway has told."""
        letter = self.post.forged(dice=self.dice)
        if letter is not None:
            with self._invoked("tell", letter.id) as one:
                self._ask(one, self.post.path, letter.body, signature=letter.signature)

    # As staff

    def confirm(self) -> None:
        """Write down that a transfer has come."""
        mine = self._one(lambda mine: mine.method == "transfer" and not mine.is_paid)
        if mine is not None:
            with self._invoked("confirm", self._marker(), order=mine.number) as one:
                self._act(
                    one, payments.confirm_order, number=mine.number, amount=mine.total, reference=one.marker,
                    access=Access(staff=True),
                )  # fmt: skip
            mine.is_paid = one.outcome == "ok" or self.dice.random() < 0.5

    def refund(self) -> None:
        """Give some of the money back."""
        mine = self._one(lambda mine: mine.is_paid)
        if mine is not None:
            amount = (mine.total / self.dice.choice((1, 2, 3))).quantize(Decimal("0.01"))
            with self._invoked("refund", self._marker(), order=mine.number, amount=str(amount)) as one:
                self._act(
                    one, payments.refund_order, number=mine.number, amount=amount, handed_back=[], restock=False,
                    reason=one.marker, access=Access(staff=True),
                )  # fmt: skip

    def restock(self) -> None:
        """Put more on the shelf."""
        with self._invoked("restock", self._marker(), sku=(sku := self.dice.choice(self.premises.goods))) as one:
            self._act(
                one, inventory.adjust_stock, sku=sku, operation="add", quantity=self.dice.randint(1, 3),
                reason=one.marker,
            )  # fmt: skip

    def _act(self, one: Operation, work: Callable[..., object], **wanted: Any) -> None:
        """Call a service under a key, again while nobody knows whether it happened."""
        once = IdempotencyKey(scope=f"drill:{one.kind}", key=one.marker, fingerprint=one.marker)
        for _try in range(MOST_TRIES):
            try:
                only_once(once, work)(**wanted, actor=premises.ACTOR, now=clock.now())
                one.heard("ok")
            except Refusal as refusal:
                one.heard("unknown" if refusal.status >= 500 else "failed", code=f"{refusal.status} {refusal.code}")
            except DatabaseError as problem:
                one.heard("unknown", code=f"lost: {type(problem).__name__}")
                with suppress(DatabaseError):
                    connection.close()
            if not self._asks_again(one):
                return

    def _ask(
        self, one: Operation, path: str, body: Any, *, key: str = "", token: str = "", scheme: str = "Order",
        signature: str = "", tell: Callable[[dict[str, Any]], dict[str, str]] = lambda _said: {},
    ) -> dict[str, Any] | None:  # fmt: skip
        """Send a request, again while its answer is lost; returns what an ok answer says."""
        headers = {"Content-Type": "application/json", "X-Signature": signature}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Authorization": f"{scheme} {token}"} if token else {}
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        for _try in range(MOST_TRIES):
            said = self._send(one, path, sent, headers)
            if said is not None:
                one.heard("ok", **tell(said))
                return said
            if not self._asks_again(one):
                return None
        return None

    def _send(self, one: Operation, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any] | None:
        """Send a request once; returns what an ok answer says, and notes every other."""
        try:
            line = self._line = self._line or http.client.HTTPConnection(*self.address, timeout=PATIENCE_SECONDS)
            line.request("POST" if body is not None else "GET", f"/api/v1{path}", body, headers)
            if self.loses_answers and self.dice.random() < LOST:
                raise ConnectionError("the client went away")
            answer = line.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as problem:
            self._hang_up()
            one.heard("unknown", code=f"lost: {type(problem).__name__}")
            return None
        said: dict[str, Any] = json.loads(text) if text else {}
        if answer.status < 300:
            return said
        busy = answer.status >= 500 or said.get("code") in BUSY
        one.heard("unknown" if busy else "failed", code=f"{answer.status} {said.get('code', '')}")
        return None

    def _asks_again(self, one: Operation) -> bool:
        return one.outcome == "unknown" and one.doubts == one.tries and self.dice.random() < 0.8

    def _invoked(self, kind: str, marker: str = "", **wanted: str) -> Any:
        return self.history.invoked(client=self.name, kind=kind, marker=marker, **wanted)

    def _marker(self) -> str:
        self.made += 1
        return f"{self.name}-{self.made}"

    def _one(self, fits: Callable[[Mine], bool]) -> Mine | None:
        found = [mine for mine in self.orders if fits(mine)]
        return self.dice.choice(found) if found else None

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None
