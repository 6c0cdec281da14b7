"""Every operation of the API, asked with what its description allows and much that it does not.

Half of the requests name things that really are in the shop, so that they get past the door; who asks is drawn by lot.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from time_machine import Traveller

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories
from cart.tests.factories import a_cart
from inventory.tests.factories import MONDAY
from orders import services as orders
from orders.models import Order
from orders.services import Handover
from orders.tests.doors import an_order
from orders.tests.factories import ALL
from scheduling.tests.factories import at, booked, salon
from storefront.tests.shop import on_sale, variant

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass
class Ground:
    """What really is in the shop, by the names that requests use, and the proofs of those who may ask for it."""

    known: dict[str, Any]
    public_ids: dict[str, str]
    proofs: list[dict[str, str]]

    def named_in(self, given: Any) -> Any:
        """Return a body in which everything that has a name in the shop is replaced by what is there."""
        if isinstance(given, list):
            return [self.named_in(one) for one in given]
        if not isinstance(given, dict):
            return given
        return {name: self.known.get(name, self.named_in(value)) for name, value in given.items()}

    def path(self, *, template: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a path that leads to something."""
        public_id = next((found for word, found in self.public_ids.items() if word in template), None)
        known = self.known | {"public_id": public_id}
        return {name: known.get(name, value) for name, value in given.items()}


@pytest.fixture
def ground(time_machine: Traveller) -> Ground:
    """Goods, time, a cart, an order on its way, a visit; an owner, a customer, and a guest with the order's token."""
    time_machine.move_to(MONDAY, tick=False)
    on_sale("Bolo de fubá", variant("BOLO", "59.90"), stock=50)
    people = salon()
    cart, body = a_cart({"BOLO": 2}), an_order({"BOLO": 1})
    line = Order.objects.get(number=body["number"]).lines.get().public_id
    begun = orders.begin_fulfilment(
        number=body["number"], handovers=[Handover(line=line, quantity=1)], tracking="", access=ALL, now=MONDAY
    )
    boss = User.objects.create_superuser("boss@example.com", factories.PASSWORD, name="Boss", joined_at=MONDAY)
    customer = factories.user()
    factories.customer(user=customer)
    home = accounts.add_address(user=customer, address=factories.address(), now=MONDAY)
    tokens = [factories.session(login, MONDAY).access for login in (boss, customer)]
    return Ground(
        known={
            "cart": cart["id"], "cart_id": cart["id"], "expected_total": cart["total"], "sku": "BOLO",
            "slug": "bolo-de-fuba", "line_id": cart["lines"][0]["id"], "line": str(line), "number": body["number"],
            "fulfilment_id": str(begun.public_id), "services": ["CORTE"], "service": ["CORTE"],
            "professional": str(people.id("Ana")), "starts_at": at(10).isoformat(), "email": "ana@example.com",
        },
        public_ids={
            "appointments": str(booked(at(15)).public_id),
            "professionals": str(people.id("Ana")),
            "addresses": str(home.public_id),
        },
        proofs=[
            {}, *({"Authorization": f"Bearer {token}"} for token in tokens),
            {"Authorization": f"Order {body['access_token']}"},
        ],
    )  # fmt: skip


@contextmanager
def one_connection() -> Iterator[None]:
    """Keep the test's own connection for a request, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


@pytest.mark.fault("E12")
@schema.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_operation_stumbles_or_says_what_it_has_not_described(case: Any, ground: Ground) -> None:
    lot = zlib.crc32(repr((case.method, case.path_parameters, case.query, case.body)).encode())
    if lot % 2:
        case.path_parameters = ground.path(template=case.path, given=case.path_parameters)
        case.body = ground.named_in(case.body)
    with one_connection():
        response = case.call(headers=ground.proofs[lot // 2 % len(ground.proofs)])
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
        problem = response.json()
        assert (problem["status"], problem["type"]) == (response.status_code, f"/problems/{problem['code']}")
