"""The demonstration: whole, believable, repeatable, and made through the doors everybody uses."""

import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from PIL import Image

from accounts import services as accounts
from accounts.models import Address, User
from accounts.services import Visitor
from catalog.models import Category, Product, ProductImage, Variant
from common import clock
from common.testing import counted_by_the_planner
from common.text import search_key
from inventory.models import StockItem, StockMovement
from operations.demo import shelves
from operations.demo.content import HERE, PRODUCTS
from operations.demo.logins import DEMO_LOGINS
from operations.integrity import examine, findings
from operations.tests.scenarios import held_open
from operations.tests.test_demo_clock import STATUSES
from orders.models import Order
from scheduling import selectors as time
from scheduling.models import Appointment, Professional, ProfessionalService
from shop import services as shop

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command("seed_demo", *words, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def seeded(django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration is made once; the transaction of each test lies inside its transaction."""
    media = override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media"))
    with django_db_blocker.unblock(), media, held_open():
        run()
        counted_by_the_planner()
        yield


@pytest.fixture(autouse=True)
def _seeded_before_each_test(seeded: None) -> None:
    """So that no test has to ask for it."""


def counts() -> dict[str, int]:
    models = (Category, Product, Variant, ProductImage, StockItem, StockMovement, User, Address, Order)
    return {model.__name__: model.objects.count() for model in models}


def test_makes_a_whole_shop_once() -> None:
    first = counts()
    assert first["Product"] == first["ProductImage"] == len(PRODUCTS) == 67
    assert first["Variant"] == sum(len(product.variants) for product in PRODUCTS)
    assert (first["User"], first["Address"], first["Order"]) == (
        len(DEMO_LOGINS), 1, 8 + Order.objects.filter(channel="counter").count(),
    )  # fmt: skip
    assert run().splitlines() == [run().strip()]
    assert counts() == first


def test_nothing_is_wrong_with_it() -> None:
    """Its letters wait in the outbox for a worker; nothing else may be worth a look."""
    report = examine(now=clock.now())
    assert findings(now=clock.now()) == []
    assert {result.check.name for result in report.warnings} <= {"outbox.moves"}


def test_orders_stand_in_every_state() -> None:
    statuses = list(Order.objects.exclude(channel="counter").order_by("pk").values_list("status", flat=True))
    assert statuses == STATUSES


def test_everybody_can_log_in_and_nobody_is_a_superuser() -> None:
    for login in DEMO_LOGINS:
        visitor = Visitor(door="desk", address="203.0.113.9")
        user = accounts.check_credentials(email=login.email, password=login.password, visitor=visitor, now=clock.now())
        assert (user.is_staff, user.is_superuser) == (login.role != "customer", False)
        assert [group.name for group in user.groups.all()] == ([] if login.role == "customer" else [login.role])


def test_bread_is_found_without_its_accent() -> None:
    found = Product.objects.filter(status="published", search_key__contains=search_key("pao"))
    assert {"pao-frances", "pao-de-queijo"} <= set(found.values_list("slug", flat=True))


@pytest.mark.parametrize("readme", ["README.md", "README.pt-BR.md"])
def test_what_the_readme_sells_is_on_the_shelf(readme: str) -> None:
    text = (settings.BASE_DIR / readme).read_text()
    goods = set(re.findall(r'"sku": "([A-Z0-9-]+)"', text))
    services = set(re.findall(r'"services": \["([A-Z0-9-]+)"\]', text))
    assert (len(goods), len(services)) == (1, 1)
    assert StockItem.objects.get(variant__sku__in=goods).on_hand > 4 + 4
    assert ProfessionalService.objects.filter(service__variant__sku__in=services).exists()


def test_opening_stock_has_its_movement() -> None:
    first = StockMovement.objects.filter(stock_item__variant__sku="PAO-FRANCES-UN").order_by("pk").first()
    assert first is not None
    assert (first.kind, first.delta, bool(first.reason)) == ("received", 600, True)


def test_every_product_has_its_picture_small_and_of_one_size() -> None:
    files = {file.stem for file in (HERE / "pictures").glob("*.webp")}
    assert files == {product.slug for product in PRODUCTS}
    for product in PRODUCTS:
        with Image.open(BytesIO(product.picture())) as picture:
            assert (picture.format, picture.size) == ("WEBP", (shelves.WIDTH, shelves.HEIGHT))
    assert sum(len(product.picture()) for product in PRODUCTS) < 400_000


def test_the_agenda_is_a_believable_month() -> None:
    now = clock.now()
    visits = Appointment.objects.values_list("state", flat=True)
    assert len(visits) > 80
    assert {"completed", "confirmed", "requested"} <= set(visits)
    assert not Appointment.objects.filter(state="confirmed", ends_at__lt=now - timedelta(hours=2)).exists()
    assert not Appointment.objects.filter(forced=True).exists()
    assert Professional.objects.get(user__email="ana@balcao.example").name == "Ana Prado"
    assert time.stranded(policy=shop.policy(), now=now) == []
