"""What calls stand on: rows of a seeded shop that they name, and what has to happen before them, done through the API.

Whatever is prepared is made anew for each call, so that a call may be repeated as often as somebody wants figures.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts import services as accounts
from accounts.models import Customer, User
from accounts.tests.factories import PASSWORD, VISITOR
from common import clock
from inventory.models import StockItem
from inventory.tests.factories import stocked
from operations.demo.logins import DEMO_LOGINS
from orders.models import OrderContact
from shop import services as shop

API = "/api/v1"
GOODS = "CALLS-GOODS"
"""A SKU of which there is always enough."""
SERVICE = "CORTE-ADULTO"
HOST = "127.0.0.1"
ENOUGH = 1_000_000
NEW_TOKENS = timedelta(minutes=5)


@dataclass(frozen=True)
class Ask:
    """A request, and the status that answers it. `desk`: it comes from the browser of the owner."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    desk: bool = False

    @property
    def content(self) -> bytes | None:
        """Return the body as it is sent."""
        return None if self.body is None else json.dumps(self.body).encode()


class RefusedError(Exception):
    """What was to be prepared was refused."""


class Ground:
    """A shop with goods that never run out, its owner's browser, and whoever else asks."""

    def __init__(self) -> None:
        if not StockItem.objects.filter(variant__sku=GOODS).exists():
            stocked(sku=GOODS, units=ENOUGH, price="19.90", now=clock.now())
        self._tokens: dict[str, tuple[datetime, str]] = {}

    # Whoever asks

    @cached_property
    def browser(self) -> Client:
        """The browser of the owner."""
        made = Client(SERVER_NAME=HOST)
        made.force_login(self.login("owner"), backend=settings.AUTHENTICATION_BACKENDS[-1])
        return made

    def login(self, role: str) -> User:
        """Return the demonstration's login of a role."""
        [known] = [one for one in DEMO_LOGINS if one.role == role]
        return User.objects.get(email=known.email)

    def bearer(self, role: str = "owner") -> dict[str, str]:
        """Return the header of somebody who has signed in a while ago."""
        at, token = self._tokens.get(role, (clock.now() - timedelta(days=1), ""))
        if clock.now() - at > NEW_TOKENS:
            [known] = [one for one in DEMO_LOGINS if one.role == role]
            token = self.post("/auth/token/", {"email": known.email, "password": known.password})["access"]
            self._tokens[role] = (clock.now(), token)
        return {"Authorization": f"Bearer {token}"}

    def somebody(self) -> tuple[User, dict[str, str], str]:
        """Return a new customer whose password is PASSWORD, the header of their session, and what renews it."""
        now, email = clock.now(), self.address()
        values = {"email": email, "name": "Ana Lima", "joined_at": now, "email_verified_at": now}
        login = User.objects.create(password=self.hashed, **values)
        Customer.objects.create(user=login, name=login.name, email=email, created_at=now)
        pair = accounts.begin_session(user=login, visitor=VISITOR, now=now)
        return login, {"Authorization": f"Bearer {pair.access}"}, pair.refresh

    @cached_property
    def hashed(self) -> str:
        """PASSWORD as it is kept: hashing it for everybody would take longer than everything else."""
        return make_password(PASSWORD)

    def address(self) -> str:
        """Return an e-mail address that nobody has."""
        return f"calls-{uuid.uuid4().hex}@example.com"

    # What they ask for

    def send(self, ask: Ask) -> Any:
        """Send a request within this process and return the answer."""
        client = self.browser if ask.desk else Client(SERVER_NAME=HOST)
        return client.generic(
            ask.method, ask.path, ask.content or b"", content_type="application/json", headers=dict(ask.headers)
        )

    def answer(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, *, refused: int = 0
    ) -> Any:
        """Send a request to the API and return its answer, also one `refused` as expected. Raises RefusedError."""
        answer = self.send(Ask(method, f"{API}{path}", body, headers or {}))
        if answer.status_code >= 400 and answer.status_code != refused:
            raise RefusedError(f"{method} {path}: {answer.status_code} {answer.content.decode()[:400]}")
        return answer.json() if answer.content else None

    def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        """Post something and return the answer. Raises RefusedError."""
        return self.answer("POST", path, body, headers)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """Read something and return the answer. Raises RefusedError."""
        return self.answer("GET", path, None, headers)

    # What is there

    @cached_property
    def today(self) -> date:
        """The shop's day."""
        return clock.now().astimezone(ZoneInfo(shop.policy().timezone)).date()

    @cached_property
    def words(self) -> dict[str, str]:
        """What people search for: one order's name, phone and number, and the name that most have."""
        one = OrderContact.objects.exclude(phone="").exclude(name="").select_related("order").order_by("pk").first()
        if one is None:
            raise RefusedError("there are no orders: seed_demo makes some")
        first, number = one.name.split()[0], one.order.number
        return {"a name": first, "a person": one.name, "a phone": one.phone[-8:], "a number": number}

    def key(self) -> dict[str, str]:
        """Return the header of a request that is sent for the first time."""
        return {"Idempotency-Key": uuid.uuid4().hex}

    def cart(self, *, units: int = 1, headers: Mapping[str, str] | None = None) -> Any:
        """Return a new cart with goods in it."""
        return self.post("/carts/", {"lines": [{"sku": GOODS, "quantity": units}]}, headers)

    def wish(self, cart: Mapping[str, Any], *, method: str = "on_site", goods: bool = True) -> dict[str, Any]:
        """Return the body that orders a cart."""
        wanted = {
            "cart": cart["id"],
            "expected_total": cart["total"],
            "payment_method": method,
            "customer": {"name": "Ana Lima", "email": self.address()},
        }
        return wanted | ({"fulfilment": {"method": "pickup"}} if goods else {})

    def order(
        self, *, method: str = "on_site", units: int = 1, headers: Mapping[str, str] | None = None
    ) -> tuple[str, dict[str, str]]:
        """Place an order of goods; return its number and the header that shows it to whoever placed it."""
        cart = self.cart(units=units, headers=headers)
        wanted = self.wish(cart, method=method)
        if method != "on_site":
            windows = self.post(f"/carts/{cart['id']}/quote/", {"fulfilment": {"method": "pickup"}}, headers)
            wanted["fulfilment"] = {"method": "pickup", "pickup_at": windows["pickup_windows"][-1]["starts_at"]}
        made = self.post("/orders/", wanted, {**self.key(), **(headers or {})})
        return made["number"], {"Authorization": f"Order {made['access_token']}"}

    def line_of(self, number: str) -> dict[str, Any]:
        """Return the one line of an order."""
        [line] = self.get(f"/orders/{number}/", self.bearer())["lines"]
        return dict(line)

    def paid(self) -> str:
        """Return the number of a new order whose money came."""
        number, _shown = self.order(method="transfer")
        total = self.get(f"/orders/{number}/", self.bearer())["total"]
        self.post(f"/orders/{number}/confirm/", {"amount": total}, {**self.bearer(), **self.key()})
        return number

    def parcel(self, *verbs: str) -> str:
        """Return the path of a handing over of a paid order, taken so far."""
        number = self.paid()
        wanted = {"lines": [{"line": self.line_of(number)["id"], "quantity": 1}]}
        begun = self.post(f"/orders/{number}/fulfilments/", wanted, self.bearer())
        found = begun["fulfilments"][-1]["id"] if "fulfilments" in begun else begun["id"]
        path = f"/orders/{number}/fulfilments/{found}/"
        for verb in verbs:
            self.post(f"{path}{verb}/", None, self.bearer())
        return path

    def free(self, *, after: int = 0) -> Any:
        """Return a time that is free for a visit, some days ahead at least."""
        first = self.today + timedelta(days=2 + after)
        found = self.get(f"/slots/next/?service={SERVICE}&from={first.isoformat()}")
        if found["slot"] is None:
            raise RefusedError("there is no free time left")
        return found["slot"]

    def booking(self) -> dict[str, Any]:
        """Return the body that books a visit at the next free time."""
        slot = self.free()
        return {
            "services": [SERVICE],
            "professional": slot["professionals"][0]["id"],
            "starts_at": slot["starts_at"],
            "customer": {"name": "Ana Lima", "email": self.address()},
        }

    def visit(self) -> tuple[str, dict[str, str]]:
        """Book a visit; return its path and the header of the team, who may see and change it."""
        made = self.post("/appointments/", self.booking(), {**self.bearer(), **self.key()})
        return f"/appointments/{made['id']}/", self.bearer()
