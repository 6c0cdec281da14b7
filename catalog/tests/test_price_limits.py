"""By how much each role changes a price in a day."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from catalog import services as catalog
from catalog.errors import PriceAboveLimit
from catalog.models import PriceRun, Variant
from catalog.repricing import Repricing
from catalog.services import Looked, VariantSheet
from catalog.tests import factories
from catalog.tests.factories import add_variant, change_variant
from common.actors import Actor
from desk.refusals import explained
from orders.tests.factories import MONDAY, STAFF
from shop import services as shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bread() -> None:
    factories.variant(sku="PAO", price=Decimal("10.00"))
    shop.set_policies(values={"manager_price_percent": 25}, actor=STAFF, now=MONDAY)


def member(role: str) -> Actor:
    user = User.objects.create_user(f"{role}@example.com", "uma-senha-bem-comprida", name=role, is_staff=True)
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    return Actor(kind="staff", id=str(user.pk), door="admin")


def charge(price: str, actor: Actor, now: object = MONDAY) -> None:
    change_variant(sku="PAO", sheet=VariantSheet(sku="PAO", price=Decimal(price)), actor=actor, now=now)  # type: ignore[arg-type]


@pytest.mark.parametrize("price", ["12.50", "7.50"])
def test_up_and_down_to_the_limit(price: str) -> None:
    charge(price, member("manager"))
    assert Variant.objects.get().price == Decimal(price)


@pytest.mark.parametrize("price", ["12.51", "7.49", "0.00"])
def test_beyond_it_nothing_changes(price: str) -> None:
    with pytest.raises(PriceAboveLimit) as found:
        charge(price, member("manager"))
    assert explained(found.value) == ("Você pode alterar um preço em no máximo 25% por dia: de R$ 7,50 a R$ 12,50.")
    assert Variant.objects.get().price == Decimal("10.00")


def test_several_changes_of_a_day_are_one() -> None:
    manager = member("manager")
    charge("12.00", manager)
    charge("12.50", manager)
    with pytest.raises(PriceAboveLimit):
        charge("12.51", manager)
    charge("10.00", manager)
    charge("12.50", manager)
    charge("15.00", manager, MONDAY + timedelta(days=1))
    assert Variant.objects.get().price == Decimal("15.00")


def test_another_sku_is_the_same_price() -> None:
    manager, owner = member("manager"), member("owner")
    charge("12.50", manager)
    sheet = VariantSheet(sku="PAO-2", price=Decimal("12.51"))
    with pytest.raises(PriceAboveLimit):
        change_variant(sku="PAO", sheet=sheet, actor=manager, now=MONDAY)
    change_variant(sku="PAO", sheet=replace(sheet, price=Decimal("12.50")), actor=owner, now=MONDAY)
    with pytest.raises(PriceAboveLimit):
        change_variant(sku="PAO-2", sheet=sheet, actor=manager, now=MONDAY)
    assert Variant.objects.get().price == Decimal("12.50")


@pytest.mark.parametrize(("zone", "hours"), [("America/Sao_Paulo", 14), ("America/Manaus", 15)])
def test_the_day_is_the_shops(zone: str, hours: int) -> None:
    shop.set_policy(key="timezone", value=zone, actor=STAFF, now=MONDAY)
    manager = member("manager")
    charge("12.50", manager)
    with pytest.raises(PriceAboveLimit):
        charge("12.51", manager, MONDAY + timedelta(hours=hours))  # eleven at night, Tuesday in UTC
    charge("15.00", manager, MONDAY + timedelta(hours=hours + 1))
    assert Variant.objects.get().price == Decimal("15.00")


def by_percent(value: str, actor: Actor) -> PriceRun:
    one = Variant.objects.get()
    rule = Repricing(way="percent", direction="up", value=Decimal(value))
    return catalog.change_prices(rows=[Looked(one.pk, one.price)], rule=rule, actor=actor, now=MONDAY)


def test_many_prices_at_once_keep_to_it_too() -> None:
    manager = member("manager")
    with pytest.raises(PriceAboveLimit):
        by_percent("26", manager)
    assert (Variant.objects.get().price, PriceRun.objects.count()) == (Decimal("10.00"), 0)
    run = by_percent("25", manager)
    with pytest.raises(PriceAboveLimit):
        by_percent("1", manager)
    assert catalog.undo_prices(run=run.public_id, actor=manager, now=MONDAY).back == 1
    assert Variant.objects.get().price == Decimal("10.00")


def test_the_owner_and_the_shop_itself_have_no_limit() -> None:
    for price, actor in (("90.00", member("owner")), ("1.00", Actor.system(door="command"))):
        charge(price, actor)
        assert Variant.objects.get().price == Decimal(price)


def test_a_new_price_and_one_of_nothing_may_become_any() -> None:
    manager = member("manager")
    product = Variant.objects.get().product
    sheet = VariantSheet(sku="BOLO", price=Decimal("80.00"))
    add_variant(product_id=product.pk, sheet=sheet, actor=manager, now=MONDAY)
    Variant.objects.filter(sku="PAO").update(price=0)
    charge("5.00", manager)
    assert Variant.objects.get(sku="PAO").price == Decimal("5.00")


def test_none_at_all_where_the_owner_says_so() -> None:
    shop.set_policies(values={"manager_price_percent": 0}, actor=STAFF, now=MONDAY)
    with pytest.raises(PriceAboveLimit):
        charge("10.01", member("manager"))
