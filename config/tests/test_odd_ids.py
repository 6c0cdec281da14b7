"""Ids that are no ids: whatever somebody writes into an address, the answer is one of ours and never a breakdown."""

from itertools import product
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from config.tests.routes import Route, routes
from inventory.tests.factories import MONDAY

ODD = ("abc", "-1", "9" * 40, "\x00", "🎂", "²", "a/b", "00000000-0000-0000-0000-000000000000", "x" * 300)
WITH_IDS = [route for route in routes() if route.parameters]


@pytest.fixture
def desk(db: None, settings: Any) -> Client:
    """Sign somebody in who may do everything."""
    settings.SHOP_NOW = MONDAY
    boss = User.objects.create_superuser("boss@example.com", "uma-senha-bem-comprida", name="Boss", joined_at=MONDAY)
    client = Client(raise_request_exception=False)
    client.force_login(boss)
    return client


@pytest.mark.parametrize("route", WITH_IDS, ids=lambda route: route.pattern)
def test_an_id_that_is_none_never_breaks_a_page(desk: Client, route: Route) -> None:
    broken = []
    for odd, method in [*product(ODD, ["get"]), *product(ODD[:3], ["post"])]:
        path = route.path(given=dict.fromkeys(route.parameters, odd))
        answer = getattr(desk, method)(path)
        if answer.status_code >= 500:
            broken.append((method, path, answer.status_code))
    assert broken == []


def test_the_walk_sees_the_desk_and_the_shop() -> None:
    walked = {route.name for route in WITH_IDS}
    assert {"admin:catalog_product_history", "admin:scheduling_professional_change", "order"} <= walked
