"""The desk's pages of the stock, as owner and counter see them."""

import re
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backoffice.tests.desk import at_desk, text_of
from catalog.models import Variant
from catalog.tests import factories as catalog
from common.testing import race, statements
from inventory import services as inventory
from inventory.errors import BelowReserved
from inventory.models import StockItem, StockMovement
from orders.tests import factories
from orders.tests.factories import MONDAY, cart_with, receive, stocked

LIST = "admin:inventory_stockitem_changelist"


@pytest.fixture(autouse=True)
def monday(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY


@pytest.fixture
def desk(db: None) -> Client:
    return at_desk(role="owner")


def item_of(sku: str) -> StockItem:
    return StockItem.objects.get(variant__sku=sku)


def act(client: Client, verb: str, item: StockItem, **typed: Any) -> Any:
    return client.post(reverse(f"admin:inventory_stockitem_do_{verb}", args=[item.pk]), {"key": uuid4(), **typed})


def test_the_list_shows_figures_that_add_up(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    cart_with(units={"PAO": 3})
    page = text_of(desk.get(reverse(LIST)))
    cells = re.findall(r'<t[hd] class="field-(\w+)[^>]*>\s*(?:<[^>]+>\s*)*([^<]*)', page)
    shown = {name: value.strip() for name, value in cells}
    assert (shown["shown_on_hand"], shown["reserved_now"], shown["shown_available"]) == ("10", "3", "7")


def test_low_stock_is_filtered_at_this_moment(desk: Client) -> None:
    for sku, units in (("GONE", 2), ("LOW", 5), ("GOOD", 50)):
        stocked(sku=sku, units=units)
        inventory.warn_at(sku=sku, units=5)
    cart_with(units={"GONE": 2})
    found = {
        level: {
            sku
            for sku in ("GONE", "LOW", "GOOD")
            if f">{sku}</a>" in text_of(desk.get(reverse(LIST), {"level": level}))
        }
        for level in ("low", "out", "good", "nonsense")
    }
    assert found == {"low": {"GONE", "LOW"}, "out": {"GONE"}, "good": {"GOOD"}, "nonsense": {"GONE", "LOW", "GOOD"}}


def test_words_are_found_without_accents_in_any_order(desk: Client) -> None:
    product = catalog.product(name="Pão de açúcar")
    catalog.variant(sku="DOCE-1", product=product)
    receive(sku="DOCE-1", units=1)
    stocked(sku="OUTRO", units=1)
    for term in ("acucar pao", "AÇÚCAR", "doce-1"):
        page = text_of(desk.get(reverse(LIST), {"q": term}))
        assert "DOCE-1" in page
        assert "OUTRO" not in page


MOVEMENTS = {
    "pao": {"Chegou hoje", "Quebrou", "Caiu"},
    "AÇÚCAR": {"Chegou hoje"},
    "doce-1": {"Chegou hoje"},
    "quebrou": {"Quebrou"},
    "pao quebrou": {"Quebrou"},
    "queb seco": {"Quebrou"},
    "seco CAIU": {"Caiu"},
    "4f1c": {"Caiu"},
    "pao 4f1c": {"Caiu"},
    "bolo quebrou": set(),
    "%": set(),
    "": {"Chegou hoje", "Quebrou", "Caiu", "Assado"},
}
"""What is typed, and the reasons of the movements that are found."""


@pytest.mark.parametrize(("typed", "reasons"), MOVEMENTS.items())
def test_movements_are_found_by_product_code_reason_and_reference(desk: Client, typed: str, reasons: set[str]) -> None:
    for name, sku in (("Pão de açúcar", "DOCE-1"), ("Pão seco", "SECO"), ("Bolo", "BOLO")):
        catalog.variant(sku=sku, product=catalog.product(name=name))
        receive(sku=sku, units=1)
    told = [("DOCE-1", "Chegou hoje", ""), ("SECO", "Quebrou", ""), ("SECO", "Caiu", "4f1c-77"), ("BOLO", "Assado", "")]
    for sku, reason, reference in told:
        moved = {"kind": "received", "delta": 1, "on_hand_after": 2, "reason": reason, "reference": reference}
        StockMovement.objects.create(stock_item=item_of(sku), actor_kind="staff", door="api", at=MONDAY, **moved)
    answer = desk.get(reverse("admin:inventory_stockmovement_changelist"), {"q": typed})
    found = {movement.reason for movement in answer.context["cl"].result_list}
    assert found - {"Opening stock"} == reasons


def test_units_are_added_removed_and_counted_with_a_reason(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    for verb, quantity, on_hand in (("add", "5", 15), ("remove", "3", 12), ("count", "20", 20), ("count", "0", 0)):
        answer = act(desk, verb, item, quantity=quantity, reason="Produção do dia")
        assert answer.status_code == 302
        assert answer.url == reverse("admin:inventory_stockitem_change", args=[item.pk])
        item.refresh_from_db()
        assert item.on_hand == on_hand
    last = StockMovement.objects.filter(stock_item=item).first()
    assert last is not None
    owner = User.objects.get(email="owner@balcao.example")
    assert (last.kind, last.delta, last.reason) == ("counted", -20, "Produção do dia")
    assert (last.actor_kind, last.actor_id, last.door) == ("staff", str(owner.pk), "admin")
    page = text_of(desk.get(reverse("admin:inventory_stockitem_change", args=[item.pk])))
    assert "Dona Ana" in page
    assert "-20" in page


def test_a_count_on_an_old_page_does_not_undo_what_moved_meanwhile(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    page = reverse("admin:inventory_stockitem_do_count", args=[item.pk])
    assert 'name="seen" value="10"' in text_of(desk.get(page))
    act(desk, "remove", item, quantity="3", reason="Vendido na rua")
    answer = act(desk, "count", item, quantity="10", reason="Contagem", seen="10")
    page = text_of(answer)
    assert answer.status_code == 409
    assert "dizia 10 e agora é 7" in page
    for kept in ('name="seen" value="7"', 'value="Contagem"', 'name="quantity" value="10"'):
        assert kept in page
    item.refresh_from_db()
    assert item.on_hand == 7
    assert act(desk, "count", item, quantity="6", reason="Contagem", seen="7").status_code == 302
    item.refresh_from_db()
    assert item.on_hand == 6


@pytest.mark.fault("A19")
def test_below_what_is_promised_is_refused_without_losing_what_was_typed(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    cart_with(units={"PAO": 8})
    item = item_of("PAO")
    for verb, quantity in (("remove", "3"), ("count", "7")):
        answer = act(desk, verb, item, quantity=quantity, reason="Caiu no chão")
        page = text_of(answer)
        assert answer.status_code == 409
        assert "8 unidades" in page
        assert f'value="{quantity}"' in page
        assert 'value="Caiu no chão"' in page
    item.refresh_from_db()
    assert (item.on_hand, item.reserved, StockMovement.objects.count()) == (10, 8, 1)


def test_what_is_no_number_is_asked_again(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    for typed in ("", "0", "-1", "1,5", "dez", "1000001", "１２"):
        answer = act(desk, "add", item, quantity=typed, reason="x")
        assert answer.status_code == 400
    assert act(desk, "add", item, quantity="1", reason=" ").status_code == 400
    item.refresh_from_db()
    assert (item.on_hand, StockMovement.objects.count()) == (10, 1)


def test_a_double_click_adds_once(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    typed = {"quantity": "5", "reason": "Fornada", "key": uuid4()}
    assert [act(desk, "add", item, **typed).status_code for _time in range(2)] == [302, 302]
    assert act(desk, "add", item, **{**typed, "quantity": "6"}).status_code == 422
    item.refresh_from_db()
    assert item.on_hand == 15


def test_the_warning_level_is_the_only_number_that_is_typed_in(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    warn = reverse("admin:inventory_stockitem_warn", args=[item.pk])
    assert 'value="0"' in text_of(desk.get(warn))
    assert desk.post(warn, {"units": "12"}).status_code == 302
    item.refresh_from_db()
    assert (item.low_stock_at, item.on_hand) == (12, 10)


def test_a_warning_on_an_old_page_does_not_undo_a_colleagues(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    warn = reverse("admin:inventory_stockitem_warn", args=[item.pk])
    assert 'name="seen" value="0"' in text_of(desk.get(warn))
    for _click in range(2):
        assert desk.post(warn, {"units": "12", "seen": "0"}).status_code == 302
    answer = desk.post(warn, {"units": "5", "seen": "0"})
    assert answer.status_code == 409
    assert "dizia 0 e agora é 12" in text_of(answer)
    item.refresh_from_db()
    assert item.low_stock_at == 12
    assert desk.post(warn, {"units": "5", "seen": "12"}).status_code == 302
    item.refresh_from_db()
    assert item.low_stock_at == 5


def test_figures_and_movements_are_never_edited_or_deleted(desk: Client) -> None:
    stocked(sku="PAO", units=10)
    item, movement = item_of("PAO"), StockMovement.objects.get()
    change = reverse("admin:inventory_stockitem_change", args=[item.pk])
    assert desk.post(change, {"on_hand": "99", "reserved": "0"}).status_code == 405
    for name, pk in (("stockitem", item.pk), ("stockmovement", movement.pk)):
        assert desk.get(reverse(f"admin:inventory_{name}_add")).status_code == 403
        assert desk.post(reverse(f"admin:inventory_{name}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert (
        desk.post(reverse("admin:inventory_stockmovement_change", args=[movement.pk]), {"delta": 1}).status_code == 403
    )
    item.refresh_from_db()
    assert (item.on_hand, StockMovement.objects.count()) == (10, 1)


@pytest.mark.fault("F14")
def test_only_who_may_adjust_the_stock_reaches_its_pages(db: None) -> None:
    stocked(sku="PAO", units=10)
    item = item_of("PAO")
    names = [f"admin:inventory_stockitem_{name}" for name in ("do_add", "do_remove", "do_count", "warn")]
    pages = [reverse(name, args=[item.pk]) for name in names]
    counter, professional = at_desk(role="counter"), at_desk(role="professional")
    assert [counter.get(page).status_code for page in pages] == [200] * 4
    assert [professional.get(page).status_code for page in pages] == [403] * 4
    assert [professional.post(page, {"quantity": "1"}).status_code for page in pages] == [403] * 4
    assert [Client().post(page).status_code for page in pages] == [302] * 4
    assert item_of("PAO").on_hand == 10


def test_the_forms_are_protected_against_other_sites(db: None) -> None:
    stocked(sku="PAO", units=10)
    user = at_desk(role="owner")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = user.cookies
    answer = strict.post(
        reverse("admin:inventory_stockitem_do_add", args=[item_of("PAO").pk]),
        urlencode({"key": str(uuid4()), "quantity": "1", "reason": "x"}),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 403
    assert item_of("PAO").on_hand == 10


@pytest.mark.parametrize("name", ["stockitem", "stockmovement"])
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(desk: Client, name: str) -> None:
    address = reverse(f"admin:inventory_{name}_changelist")
    counts = []
    for batch in range(2):
        for number in range(2 + 20 * batch):
            stocked(sku=f"SKU-{batch}-{number}", units=3)
        with statements() as found:
            assert desk.get(address).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_page_takes_as_many_statements_for_many_movements_as_for_few(desk: Client) -> None:
    stocked(sku="PAO", units=50)
    item = item_of("PAO")
    address = reverse("admin:inventory_stockitem_change", args=[item.pk])
    counts = []
    for _batch in range(2):
        for _number in range(20):
            receive(sku="PAO", units=1)
            cart_with(units={"PAO": 1})
        with statements() as found:
            page = text_of(desk.get(address))
        counts.append(len(found))
    assert counts[0] == counts[1]
    assert "Todas as movimentações" in page
    linked = reverse("admin:inventory_stockmovement_changelist") + f"?stock_item__id__exact={item.pk}"
    assert desk.get(linked).status_code == 200


@pytest.mark.race
@pytest.mark.fault("A19")
@pytest.mark.django_db(transaction=True)
def test_a_count_at_the_desk_against_buyers_loses_nothing() -> None:
    stocked(sku="PAO", units=30)
    desk, item = at_desk(role="owner"), item_of("PAO")
    address = reverse("admin:inventory_stockitem_do_remove", args=[item.pk])

    def work(number: int) -> Any:
        if number % 2:
            return cart_with(units={"PAO": 3}).status
        browser = Client()
        browser.cookies = desk.cookies
        return browser.post(address, {"key": uuid4(), "quantity": "2", "reason": "Caiu"}).status_code

    results = race(workers=16, work=work)
    item.refresh_from_db()
    removed = sum(1 for result in results if result == 302)
    bought = sum(1 for result in results if result == "open")
    assert item.on_hand == 30 - 2 * removed
    assert item.reserved == 3 * bought
    assert item.reserved <= item.on_hand
    assert removed + bought + sum(1 for result in results if result not in (302, "open")) == 16
    assert StockMovement.objects.filter(kind="removed").count() == removed


def test_warn_at_refuses_a_sku_that_was_never_received(db: None) -> None:
    catalog.variant(sku="NOVO")
    with pytest.raises(Exception, match="unknown_sku"):
        inventory.warn_at(sku="NOVO", units=1)
    assert not StockItem.objects.exists()


def test_the_refusal_behind_the_page_is_the_service_s_own(db: None) -> None:
    stocked(sku="PAO", units=2)
    cart_with(units={"PAO": 2})
    with pytest.raises(BelowReserved) as refusal:
        inventory.adjust_stock(sku="PAO", operation="remove", quantity=1, reason="x", actor=factories.STAFF, now=MONDAY)
    assert refusal.value.data == {"reserved": 2}
    assert Variant.objects.count() == 1


def test_what_is_weighed_is_shown_in_grams_everywhere(desk: Client) -> None:
    catalog.variant(sku="QUEIJO", unit="g", price_per=1000)
    receive(sku="QUEIJO", units=2500)
    cart_with(units={"QUEIJO": 350})
    item = item_of("QUEIJO")
    page = text_of(desk.get(reverse(LIST)))
    assert all(text in page for text in ("2500 g", "350 g", "2150 g"))
    page = text_of(desk.get(reverse("admin:inventory_stockitem_change", args=[item.pk])))
    assert all(text in page for text in ("2500 g", "350 g", "2150 g", "+2500 g", "(QUEIJO, g)"))
    assert "2500 g" in text_of(desk.get(reverse("admin:inventory_stockitem_do_count", args=[item.pk])))
    assert "+2500 g" in text_of(desk.get(reverse("admin:inventory_stockmovement_changelist")))
