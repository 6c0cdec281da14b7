"""What Lighthouse says of the window's pages, as the production build serves them: a step of `.ci/run`, by its name.

Without npm's packages, or without Chromium, it says so and fails: a page that nobody measured has no figure.
"""

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from devstack import window
from operations.tests.buyer import cakes_and_haircuts
from scheduling.tests.factories import MONDAY
from shop import services as shop
from storefront.tests.shop import OWNER
from tools import lighthouse

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


def test_pages_are_easy_to_use_well_made_and_found(live_server: LiveServer, settings: Settings) -> None:
    window.build()
    settings.PUBLIC_URL = live_server.url
    cakes_and_haircuts(methods="on_site,pix")
    for key, value in {"name": "Padaria da Ana", "address": "Rua A, 1, Recife", "whatsapp": "+5581987654321"}.items():
        shop.set_policy(key=key, value=value, actor=OWNER, now=MONDAY)
    found = lighthouse.measured(live_server.url, runs=1, categories=lighthouse.CATEGORIES)
    print(f"\n{lighthouse.table(found)}")
    assert list(found) == ["home", "product", "booking", "checkout"]
    assert lighthouse.below(found) == []
