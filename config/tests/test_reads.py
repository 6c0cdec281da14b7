"""Looking changes nothing: whatever is asked with GET or HEAD, of whatever is in the shop, writes no row."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from accounts import services as accounts
from accounts.models import User
from accounts.tests import factories
from cart.tests.factories import a_cart
from common.testing import statements
from config.tests.routes import Route, routes
from inventory.models import StockItem
from inventory.tests.factories import MONDAY
from orders import services as orders
from orders.models import Order
from orders.services import Handover
from orders.tests.doors import an_order
from orders.tests.factories import ALL
from scheduling.tests.factories import at, booked, salon
from shop import services as shop
from storefront.tests.shop import on_sale, variant

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|TRUNCATE|WITH\b.*\b(INSERT|UPDATE|DELETE)\b)", re.IGNORECASE | re.DOTALL)
THE_VISITORS_OWN = re.compile(r'"django_session"')


@pytest.fixture
def ids(db: None, settings: Any) -> dict[str, str]:
    """Fill a shop with something of everything, and return what the addresses of its pages hold."""
    settings.SHOP_NOW = MONDAY
    shop.open_settings()  # as a migration did, before a test that emptied the database
    on_sale("Bolo de fubá", variant("BOLO", "59.90"), stock=50)
    people = salon()
    visit = booked(at(15))
    cart, body = a_cart({"BOLO": 2}), an_order({"BOLO": 1})
    order = Order.objects.get(number=body["number"])
    begun = orders.begin_fulfilment(
        number=order.number,
        handovers=[Handover(line=order.lines.get().public_id, quantity=1)],
        tracking="",
        access=ALL,
        now=MONDAY,
    )
    customer = factories.user()
    factories.customer(user=customer)
    home = accounts.add_address(user=customer, address=factories.address(), now=MONDAY)
    return {
        "number": order.number, "cart_id": cart["id"], "line_id": cart["lines"][0]["id"], "slug": "bolo-de-fuba", "sku": "BOLO",
        "fulfilment_id": str(begun.public_id), "fulfilment": str(begun.public_id), "verb": "pick",
        "appointments": str(visit.public_id), "visits": str(visit.public_id), "addresses": str(home.public_id),
        "professionals": str(people.id("Ana")), "orders_order": str(order.pk),
        "inventory_stockitem": str(StockItem.objects.get().pk),
    }  # fmt: skip


def given(route: Route, ids: dict[str, str]) -> dict[str, str]:
    """Return what each parameter of a route is to be, so that it leads to something."""
    found = {}
    for name in route.parameters:
        model = next(
            (one for one in admin.site._registry if f"{one._meta.app_label}/{one._meta.model_name}/" in route.pattern),
            None,
        )
        row = model._default_manager.order_by("pk").first() if model is not None else None
        by_word = next((value for word, value in ids.items() if f"/{word}/" in f"/{route.pattern}"), "1")
        found[name] = ids.get(name) or (str(row.pk) if row is not None else by_word)
    return found


def test_looking_writes_no_row(ids: dict[str, str]) -> None:
    boss = User.objects.create_superuser("boss@example.com", factories.PASSWORD, name="Boss", joined_at=MONDAY)
    desk = Client(headers={"authorization": f"Bearer {factories.session(boss, MONDAY).access}"})
    desk.force_login(boss)
    written, statuses = [], {}
    for route in routes():
        for method in ("get", "head"):
            if route.name == "admin:logout":
                continue
            with statements() as found:
                answer = getattr(desk, method)(route.path(given=given(route, ids)))
            statuses[method, route.pattern] = answer.status_code
            written += [(route.pattern, sql) for sql in found if WRITES.match(sql) and not THE_VISITORS_OWN.search(sql)]
    assert written == []
    assert {route: status for route, status in statuses.items() if status >= 500} == {}
    assert sum(status == 200 for status in statuses.values()) > 150
