"""Starter sets: taken with one click, put away with one click, and what is the owner's by now stays."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice import roles
from backoffice.first_steps.steps import MAY, first_steps
from backoffice.starters import content, taking
from backoffice.starters.content import SETS
from backoffice.tests.desk import at_desk, messages_of, text_of
from catalog import services as catalog
from catalog.models import Category, Product, Variant
from catalog.services import ProductSheet, VariantSheet
from common import clock, milestones
from common.actors import Actor
from common.errors import Conflict, NotFound
from common.models import Milestone
from inventory import services as inventory
from operations.integrity import findings
from orders.tests.factories import MONDAY, cart_with, ordered
from scheduling import services as scheduling
from scheduling.models import Professional, Service
from scheduling.services import Booker, Wish
from shop import services as shop
from shop.policy import DEFAULTS

pytestmark = pytest.mark.django_db

STAFF = Actor(kind="staff", id="1", door="admin")


@pytest.fixture(autouse=True)
def monday(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY


def take(key: str = "barbershop", *, minutes: int = 0) -> int:
    return taking.take(key=key, person="Rui", actor=STAFF, now=MONDAY + timedelta(minutes=minutes))


def remove(key: str = "barbershop") -> taking.Removed:
    return taking.remove(key=key, actor=STAFF, now=MONDAY + timedelta(hours=1))


def statuses() -> dict[str, str]:
    return dict(Variant.objects.values_list("sku", "product__status"))


# What is in them


def test_there_are_four_in_portuguese_and_none_names_anothers_sku() -> None:
    assert list(SETS) == ["bakery", "barbershop", "salon", "clinic"]
    assert sorted(path.stem for path in Path(content.HERE).glob("*.toml")) == sorted(SETS)
    skus = [sku for starter in SETS.values() for sku in starter.skus]
    assert len(skus) == len(set(skus)) > 25
    for starter in SETS.values():
        assert all((starter.goods, starter.services, starter.hours, starter.about)), starter.key
        assert all(one.minutes >= 5 for one in starter.services), starter.key


@pytest.mark.parametrize("key", list(SETS))
def test_each_is_taken_whole_and_sells_at_once(key: str) -> None:
    starter = SETS[key]
    assert take(key) == len(starter.skus)
    assert statuses() == dict.fromkeys(starter.skus, "published")
    examples = {one.sku: one for one in (*starter.goods, *starter.services)}
    for variant in Variant.objects.select_related("product__category"):
        example = examples[variant.sku]
        there = (variant.product.name, variant.product.category.name, f"{variant.price:.2f}", variant.unit)
        assert there == (example.name, example.category, example.price, example.unit)
    minutes = dict(Service.objects.values_list("variant__sku", "duration_minutes"))
    assert minutes == {one.sku: one.minutes for one in starter.services}
    assert shop.policy().opening_hours == starter.hours
    rui = Professional.objects.get()
    assert (rui.name, rui.services.count()) == ("Rui", len(starter.services))
    assert rui.rules.count() == len(starter.hours)
    assert findings(now=MONDAY) == []
    done = {step.key: step.done for step in first_steps().steps}
    assert (done["hours"], done["product"], done["service"]) == (True, True, True)


# Taking


def test_it_stands_there_once() -> None:
    take()
    with pytest.raises(Conflict):
        take(minutes=1)
    assert len(statuses()) == len(SETS["barbershop"].skus)


def test_two_sets_stand_beside_each_other() -> None:
    take("barbershop")
    hours = shop.policy().opening_hours
    take("salon", minutes=1)
    assert len(statuses()) == len(SETS["barbershop"].skus) + len(SETS["salon"].skus)
    assert shop.policy().opening_hours == hours, "the first set's"
    assert Category.objects.filter(name="Produtos").count() == 1
    assert Professional.objects.count() == 1


def test_what_the_shop_has_under_that_sku_is_its_own() -> None:
    own = ProductSheet(name="Minha pomada", category_id=None, new_category="Meus")
    variant = VariantSheet(sku="MODELO-POMADA", price=SETS["barbershop"].goods[0].variant().price)
    made = catalog.create_product(sheet=own, variants=[variant], actor=STAFF, now=MONDAY - timedelta(days=1))
    assert take() == len(SETS["barbershop"].skus) - 1
    assert remove().gone == len(SETS["barbershop"].skus) - 1
    made.refresh_from_db()
    assert (made.name, made.status) == ("Minha pomada", "draft")


def test_hours_that_somebody_chose_are_kept() -> None:
    chosen = DEFAULTS.opening_hours[:2]
    shop.set_opening_hours(hours=chosen, actor=STAFF, now=MONDAY)
    take()
    assert shop.policy().opening_hours == chosen
    remove()
    assert shop.policy().opening_hours == chosen


def test_hours_that_were_looked_at_are_kept() -> None:
    at_desk(role="owner").post(reverse("first_steps:hours"), {f"day_{day}": "9h-18h" for day in range(6)})
    assert shop.policy().opening_hours == DEFAULTS.opening_hours
    take()
    assert shop.policy().opening_hours == DEFAULTS.opening_hours


def test_a_demonstration_takes_none() -> None:
    milestones.begin(name=milestones.DEMONSTRATION, now=MONDAY)
    with pytest.raises(Conflict):
        take()
    assert (Product.objects.count(), Milestone.objects.count(), taking.offered()) == (0, 1, [])


def test_a_set_that_there_is_not() -> None:
    for work in (take, remove):
        with pytest.raises(NotFound):
            work("bank")


def test_all_of_it_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(scheduling, "write_service", fails)
        with pytest.raises(KeyboardInterrupt):
            take()
    assert (Product.objects.count(), Category.objects.count(), Milestone.objects.count()) == (0, 0, 0)
    assert shop.policy() == DEFAULTS
    assert take() == len(SETS["barbershop"].skus)


# Putting away


def test_what_nobody_touched_goes_with_its_hours_and_comes_back() -> None:
    take()
    removed = remove()
    assert (removed.gone, list(removed.stays)) == (len(SETS["barbershop"].skus), [])
    assert set(statuses().values()) == {"archived"}
    assert shop.policy().opening_hours == DEFAULTS.opening_hours
    assert not any(step.done for step in first_steps().steps if step.key in ("hours", "product", "service"))
    assert remove().gone == 0
    assert take(minutes=90) == len(SETS["barbershop"].skus)
    assert set(statuses().values()) == {"published"}
    assert remove().gone == len(SETS["barbershop"].skus)


def test_a_set_that_was_never_taken_puts_nothing_away() -> None:
    removed = remove("bakery")
    assert (removed.gone, list(removed.stays)) == (0, [])


def test_what_became_the_owners_stays_and_the_reason_is_said() -> None:
    take()
    products = {variant.sku: variant.product_id for variant in Variant.objects.all()}
    later: dict[str, Any] = {"actor": STAFF, "now": MONDAY + timedelta(minutes=5)}
    beard = Product.objects.get(pk=products["MODELO-BARBA"])
    price = VariantSheet(sku="", price=SETS["barbershop"].goods[0].variant().price, pk=beard.variants.get().pk)
    same = ProductSheet(name=beard.name, category_id=beard.category_id, description=beard.description)
    catalog.change_product(product_id=beard.pk, sheet=same, variants=[price], **later)
    inventory.adjust_stock(sku="MODELO-SHAMPOO", operation="add", quantity=3, reason="Chegou", **later)
    inventory.adjust_stock(sku="MODELO-POMADA", operation="add", quantity=3, reason="Chegou", **later)
    Service.objects.filter(variant__sku="MODELO-SOBRANCELHA").update(duration_minutes=20)
    catalog.hide(product_id=products["MODELO-OLEO-BARBA"], **later)  # hidden is not changed
    scheduling.book(
        wish=Wish(services=("MODELO-CORTE-INFANTIL",), starts_at=MONDAY + timedelta(days=1, hours=2)),
        booker=Booker(name="Leo", phone="+5511912345678"),
        **later,
    )
    removed = remove()
    assert sorted(removed.stays) == [
        ("Barba", "foi alterado"),
        ("Corte infantil", "foi agendado"),
        ("Pomada modeladora", "entrou no estoque"),
        ("Shampoo", "entrou no estoque"),
        ("Sobrancelha", "foi alterado"),
    ]
    gone = {sku for sku, status in statuses().items() if status == "archived"}
    assert gone == {"MODELO-CORTE-MASCULINO", "MODELO-CORTE-E-BARBA", "MODELO-OLEO-BARBA"}


def test_what_was_ordered_or_lies_in_a_cart_stays() -> None:
    take("bakery")
    for sku in ("MODELO-SONHO", "MODELO-COXINHA"):
        inventory.adjust_stock(sku=sku, operation="add", quantity=3, reason="Chegou", actor=STAFF, now=MONDAY)
    ordered(units={"MODELO-SONHO": 1}, now=MONDAY)
    cart_with(units={"MODELO-COXINHA": 1}, now=MONDAY)
    assert sorted(remove("bakery").stays) == [("Coxinha", "foi pedido"), ("Sonho", "foi pedido")]


# The page


def test_the_owner_takes_and_puts_away_with_one_click_each() -> None:
    desk = at_desk(role="owner", name="Rui Costa")
    assert reverse("starters:page") in text_of(desk.get("/admin/"))
    page = reverse("starters:act", args=["barbershop"])
    assert desk.post(page, {"act": "take"}, follow=True).redirect_chain == [("/admin/", 302)]
    assert Professional.objects.get().name == "Rui Costa"
    assert "8 exemplos na loja" in text_of(desk.get(reverse("starters:page")))
    assert messages_of(desk.post(page, {"act": "take"}, follow=True)) == ["Barbearia já está na loja."]
    inventory.adjust_stock(
        sku="MODELO-SHAMPOO", operation="add", quantity=1, reason="Chegou", actor=STAFF, now=clock.now()
    )
    told = messages_of(desk.post(page, {"act": "remove"}, follow=True))
    assert told[0].startswith("7 exemplos saíram da loja.")
    assert told[1] == "Estes ficam: Shampoo (entrou no estoque)."
    listed = text_of(desk.get(reverse("admin:scheduling_service_changelist")))
    assert "Corte masculino" not in listed


@pytest.mark.parametrize("role", sorted({*roles.ROLES, "nobody"}))
def test_only_who_may_set_the_shop_up_may(role: str) -> None:
    desk = at_desk(role=role)
    allowed = set(MAY) <= roles.ROLES.get(role, frozenset())
    assert desk.get(reverse("starters:page")).status_code == (200 if allowed else 403)
    answer = desk.post(reverse("starters:act", args=["clinic"]), {"act": "take"})
    assert answer.status_code == (302 if allowed else 403)
    assert Product.objects.exists() is allowed


@pytest.mark.parametrize(("key", "sent"), [("bank", "take"), ("clinic", "sell"), ("clinic", "")])
def test_a_click_on_what_there_is_not(key: str, sent: str) -> None:
    desk = at_desk(role="owner")
    assert desk.post(reverse("starters:act", args=[key]), {"act": sent}).status_code == 404
    assert desk.get(reverse("starters:act", args=["clinic"])).status_code == 405
    assert isinstance(desk, Client)
