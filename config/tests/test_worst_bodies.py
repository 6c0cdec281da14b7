"""No body costs more than an honest one does: the worst for every operation, in statements, bytes and time.

The operations are those of the routes, and the bodies are made from what each says it reads, so a new one is tried too.
"""

import gc
import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import pytest
from rest_framework.test import APIClient
from time_machine import Traveller

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories
from cart.tests.factories import a_cart
from common.testing import statements
from config.tests.bodies_at_worst import Operation, operations, ordinary, worst
from inventory.tests.factories import MONDAY, stocked
from orders import services as orders
from orders.models import Order
from orders.services import Handover
from orders.tests.doors import ANA, an_order
from orders.tests.factories import ALL
from scheduling.tests.factories import at, booked, salon

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]

MULTIPLE = 4
"""How many times what an ordinary request of the operation costs a body may cost."""

SPARE_STATEMENTS, SPARE_BYTES, SPARE_SECONDS = 8, 6_000, 0.05
"""What any refusal may cost beside: its problem names at most twenty faults."""


@dataclass(frozen=True)
class Cost:
    """What a request took."""

    status: int
    statements: int
    size: int
    seconds: float


@pytest.fixture
def known(time_machine: Traveller) -> dict[str, Any]:
    """What really is in the shop, by the names that bodies and paths give it."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=50, price="59.90")
    people = salon()
    cart, body = a_cart({"BOLO": 2}), an_order({"BOLO": 1})
    line = Order.objects.get(number=body["number"]).lines.get().public_id
    begun = orders.begin_fulfilment(
        number=body["number"], handovers=[Handover(line=line, quantity=1)], tracking="", access=ALL, now=MONDAY
    )
    customer = factories.user()
    factories.customer(user=customer)
    home = accounts.add_address(user=customer, address=factories.address(), now=MONDAY)
    return {
        "cart": cart["id"],
        "cart_id": cart["id"],
        "expected_total": cart["total"],
        "line_id": cart["lines"][0]["id"],
        "line": str(line),
        "number": body["number"],
        "fulfilment_id": str(begun.public_id),
        "verb": "ready",
        "services": ["CORTE"],
        "professional": str(people.id("Ana")),
        "starts_at": at(10).isoformat(),
        "customer": ANA,
        "appointments": str(booked(at(15)).public_id),
        "addresses": str(home.public_id),
        "sessions": str(uuid4()),
    }


def path_of(operation: Operation, known: dict[str, Any]) -> str:
    """Return the operation's address, its parameters filled in with what is there."""
    words: list[str] = []
    for word in operation.path.split("/"):
        if word.startswith("<"):
            name = word.strip("<>").rpartition(":")[2]
            word = str(known.get(name, known.get(words[-1], "x")))
        words.append(word)
    return "/" + "/".join(words)


def sent(operation: Operation, known: dict[str, Any], body: bytes, user: User | None) -> Cost:
    """Send a body and return what it took; nothing of it stays, for the test's transaction is undone."""
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    with statements() as found:
        began = time.thread_time()
        answer = client.generic(
            operation.method.upper(),
            path_of(operation, known),
            body,  # type: ignore[arg-type]
            content_type="application/json",
            headers={"Idempotency-Key": str(uuid4())},
        )
        seconds = time.thread_time() - began
    return Cost(answer.status_code, len(found), len(answer.content), seconds)


def ordinary_cost(operation: Operation, known: dict[str, Any], user: User | None) -> Cost:
    """Return what an honest request takes, with only what is needed in it or with all there is."""
    shape = operation.described.request
    bodies = [orjson.dumps(ordinary(shape, known, whole=whole)) for whole in (False, True)]
    sent(operation, known, b"null", user)  # what is loaded once is loaded
    few, all_there_is = (sent(operation, known, body, user) for body in bodies)
    assert max(few.status, all_there_is.status) < 500
    return Cost(
        few.status,
        max(few.statements, all_there_is.statements),
        max(few.size, all_there_is.size),
        max(few.seconds, all_there_is.seconds),
    )


def most_seconds(usual: Cost) -> float:
    """Return how much time a body may take."""
    return MULTIPLE * usual.seconds + SPARE_SECONDS


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_the_worst_bodies_cost_no_more_than_a_multiple_of_an_ordinary_one(
    operation: Operation, known: dict[str, Any]
) -> None:
    boss = User.objects.create_superuser("boss@example.com", factories.PASSWORD, name="Boss", joined_at=MONDAY)
    user = None if operation.path.startswith("api/v1/auth/") else boss
    usual = ordinary_cost(operation, known, user)
    for what, body in worst(operation, known):
        cost = sent(operation, known, body, user)
        if cost.seconds > most_seconds(usual):  # something else was done meanwhile, such as collecting garbage
            again = sent(operation, known, body, user)
            cost = Cost(cost.status, cost.statements, cost.size, min(cost.seconds, again.seconds))
        assert cost.status < 500, what
        assert cost.statements <= MULTIPLE * usual.statements + SPARE_STATEMENTS, (what, cost, usual)
        assert cost.size <= MULTIPLE * usual.size + SPARE_BYTES, (what, cost, usual)
        assert cost.seconds <= most_seconds(usual), (what, cost, usual)
    too_large = sent(operation, known, b" " * (operation.described.body_limit + 1), user)
    assert too_large.status == 413
    assert too_large.statements <= usual.statements


def test_what_a_refused_body_said_is_gone_with_its_answer() -> None:
    """It would else wait for the garbage collector, together with thousands of others."""
    body = b'{"lines":[' + b"{}," * 4_000 + b"{}]}"
    APIClient().generic("POST", "/api/v1/carts/", body, content_type="application/json")  # type: ignore[arg-type]
    gc.collect()
    gc.disable()
    try:
        APIClient().generic("POST", "/api/v1/carts/", body, content_type="application/json")  # type: ignore[arg-type]
        left = [one for one in gc.get_objects() if type(one) is list and len(one) > 4_000 and one[0] == {}]
    finally:
        gc.enable()
    assert len(left) == 0


def test_the_operations_are_those_that_are_described() -> None:
    """A guard on the list itself: it would be empty if routes or descriptions were found another way."""
    named = {str(one) for one in operations()}
    assert {"POST /api/v1/carts/", "POST /api/v1/orders/", "PATCH /api/v1/me/"} <= named
    assert len(named) > 25
