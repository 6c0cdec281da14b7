"""A demonstration that was interrupted is completed as it would have been; one that is complete is the owner's."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from catalog.models import Category, Product, ProductImage
from catalog.tests import factories as catalog
from commissions.models import CommissionPayout, CommissionRule
from common import clock, milestones
from common.models import Milestone
from counter.models import Receipt
from devstack import prepare
from inventory import services as inventory
from inventory.models import StockItem
from operations.demo import people, seeding
from operations.demo.agenda import person_id
from operations.integrity import findings
from operations.tests.scenarios import held_open
from orders.models import Fulfilment, Order
from payments.models import Payment
from scheduling.models import Appointment, Professional, Service
from shop import services as shop
from till.models import CashMovement, TillClose, TillSession

FRIDAY = datetime(2026, 11, 27, 15, tzinfo=UTC)
NEXT_DAY = FRIDAY + timedelta(days=1, hours=7)
LOGINS, PRODUCTS, ORDERS, SETUP, VISITS, RULES, COUNTER, PAYOUTS = 1, 3, 6, 7, 8, 10, 11, 12
"""The places of steps."""

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_smaller_demonstration")]


@pytest.fixture(autouse=True)
def own_media(tmp_path: Any, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


class Interrupted(BaseException):
    """Ctrl-C."""


class Interruption:
    """Ends the run at the n-th statement that writes."""

    def __init__(self, *, after: int) -> None:
        self.left = after

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "WITH")):
            self.left -= 1
            if self.left < 0:
                raise Interrupted
        return execute(sql, params, many, context)


def seed(*, now: datetime) -> None:
    for _step in seeding.seed(now=now):
        pass


def picture() -> dict[str, Any]:
    """Everything that is to be the same however often the run was interrupted, once a cart left behind is swept."""
    inventory.release_expired(now=FRIDAY)
    return {
        "settings": shop.policy(),
        "counts": {
            model.__name__: model._default_manager.count()
            for model in (
                Category,
                Product,
                ProductImage,
                StockItem,
                Professional,
                Service,
                Payment,
                Fulfilment,
                CommissionRule,
                TillSession,
                TillClose,
                CashMovement,
                Receipt,
            )
        },
        "stock": sorted(StockItem.objects.values_list("variant__sku", "on_hand", "reserved")),
        "orders": sorted(Order.objects.values_list("placed_at", "status", "total", "paid", "fulfilments__status")),
        "visits": sorted(Appointment.objects.values_list("contact_phone", "starts_at", "state")),
        "payouts": sorted(CommissionPayout.objects.values_list("professional__public_id", "amount", "paid_at")),
        "drawers": sorted(TillSession.objects.values_list("opened_at", "closed_at", "close__counted_cash")),
        "logins": people.missing_logins(),
    }


@dataclass(frozen=True)
class Whole:
    """What an undisturbed run makes, and how many statements had been written at the end of each step."""

    picture: dict[str, Any]
    ends: list[int]

    def within(self, step: int, part: float) -> Interruption:
        """Return the interruption of a step, by its place, after a part of its statements."""
        begin = self.ends[step - 1] if step else 0
        return Interruption(after=begin + int((self.ends[step] - begin) * part))


@pytest.fixture(scope="module")
def whole(a_smaller_demonstration: int, django_db_setup: Any, django_db_blocker: Any) -> Whole:
    with django_db_blocker.unblock(), held_open():
        counted = Interruption(after=1_000_000)
        with connection.execute_wrapper(counted):
            ends = [1_000_000 - counted.left for _step in seeding.seed(now=FRIDAY)]
        return Whole(picture=picture(), ends=ends)


def interrupt(interruption: Interruption) -> None:
    with connection.execute_wrapper(interruption), pytest.raises(Interrupted):
        seed(now=FRIDAY)


@pytest.mark.parametrize("part", [0.3, 0.6])
def test_one_without_goods_begins_anew(whole: Whole, part: float) -> None:
    """Nothing is dated before there are any."""
    interrupt(whole.within(LOGINS, part))
    assert seeding.stage() == "absent"
    seed(now=FRIDAY)
    assert picture() == whole.picture


@pytest.mark.parametrize(
    ("step", "part"),
    [
        (PRODUCTS, 0.5),
        (ORDERS, 0.5),
        (ORDERS, 0.7),
        (SETUP, 0.5),
        (VISITS, 0.6),
        (RULES, 0.5),
        (COUNTER, 0.4),
        (COUNTER, 0.97),
        (PAYOUTS, 0.5),
    ],
)
def test_completed_the_next_day_it_is_what_it_would_have_been(whole: Whole, step: int, part: float) -> None:
    interrupt(whole.within(step, part))
    assert seeding.stage() == "interrupted"
    seed(now=NEXT_DAY)
    assert seeding.stage() == "completed"
    assert picture() == whole.picture
    assert findings(now=NEXT_DAY) == []


def test_a_professional_renamed_meanwhile_keeps_the_new_name(whole: Whole) -> None:
    interrupt(whole.within(VISITS, 0.2))
    Professional.objects.filter(public_id=person_id(key="ana")).update(name="Ana Prado Silva")
    seed(now=NEXT_DAY)
    assert picture() == whole.picture
    assert Professional.objects.get(user__email="ana@balcao.example").name == "Ana Prado Silva"


def test_what_is_complete_is_the_owners() -> None:
    seed(now=FRIDAY)
    Professional.objects.filter(public_id=person_id(key="bruno")).update(name="Bruno T.")
    Product.objects.filter(slug="pao-frances").update(slug="pao-da-casa")
    image = ProductImage.objects.order_by("pk").last()
    assert image is not None
    image.delete()
    before = picture()
    out = StringIO()
    call_command("seed_demo", stdout=out)
    assert len(out.getvalue().splitlines()) == 1
    assert picture() == before


def test_visits_of_an_earlier_demonstration_are_left_alone() -> None:
    """As in a shop that was filled before the beginning was written down."""
    seed(now=FRIDAY)
    before = dict(Appointment.objects.values_list("contact_phone", "state"))
    Milestone.objects.all().delete()
    seed(now=FRIDAY + timedelta(days=3, hours=5))
    after = dict(Appointment.objects.values_list("contact_phone", "state"))
    assert after | before == after
    assert findings(now=FRIDAY + timedelta(days=3, hours=5)) == []


def test_make_run_says_what_it_did(capsys: pytest.CaptureFixture[str], settings: Settings) -> None:
    settings.SHOP_NOW = FRIDAY
    prepare.seed()
    assert "filling the empty shop" in capsys.readouterr().out
    prepare.seed()
    assert "kept as it is" in capsys.readouterr().out
    Milestone.objects.filter(name=seeding.COMPLETED).delete()
    pictures = ProductImage.objects.count()
    assert ProductImage.objects.filter(product=Product.objects.filter(images__isnull=False).first()).delete()[0]
    prepare.seed()
    assert "completing the demonstration" in capsys.readouterr().out
    assert ProductImage.objects.count() == pictures
    assert seeding.stage() == "completed"


def test_a_shop_with_goods_of_its_own_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    catalog.variant(sku="BREAD")
    prepare.seed()
    assert "kept as it is" in capsys.readouterr().out
    assert Product.objects.count() == 1


def test_a_half_filled_shop_that_cannot_be_completed_opens_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    catalog.variant(sku="PAO-FRANCES-UN")
    milestones.reach(name=seeding.BEGUN, now=clock.now())
    with pytest.raises(CommandError):
        call_command("seed_demo", stdout=StringIO())
    prepare.seed()
    assert "left half filled" in capsys.readouterr().out
