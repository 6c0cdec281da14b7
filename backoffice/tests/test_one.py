"""One price, one count, one refund at the desk: found by a few letters, written in the row that was found."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, messages_of, text_of
from backoffice.tests.pages import fields_of
from catalog.models import PriceRun, Product, ProductChange, Variant
from catalog.services.variants import index
from catalog.tests import factories
from common import clock
from common.testing import statements
from common.transactions import run_unit_of_work
from counter.tests.factories import cash, goods, sell
from inventory.models import StockItem, StockMovement
from inventory.tests.factories import MONDAY, STAFF, stocked
from orders.models import Order
from payments.models import Refund
from shop import services as shop

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def bread() -> Variant:
    variant = stocked(sku="PAO", price="0.90", units=40)
    service = factories.product(name="Corte de cabelo", kind="service")
    factories.variant(sku="CORTE", price=Decimal("60.00"), product=service)
    for product in Product.objects.all():
        run_unit_of_work(index, product=product, now=MONDAY)
    return variant


def look(desk: Client, page: str, text: str) -> Any:
    return desk.get(reverse(page), {"q": text})


def send(desk: Client, shown: Any, **typed: str) -> Any:
    """Send the first row of a page as a browser does, with what is typed in it."""
    row = shown.context["rows"][0].form
    hidden = {field.name: str(field.value()) for field in row.hidden_fields()}
    return desk.post(shown.wsgi_request.get_full_path(), {**hidden, **typed}, follow=True)


def test_a_price_is_found_and_changed_and_leads_to_its_undoing(bread: Variant) -> None:
    desk = at_desk(role="manager")
    shown = look(desk, "one:price", "pao")
    assert "R$ 0,90" in text_of(shown)
    assert "autofocus" in text_of(shown).split('name="price"')[1].split(">")[0]
    done = send(desk, shown, price="1,00")
    assert Variant.objects.get(pk=bread.pk).price == Decimal("1.00")
    run = PriceRun.objects.get()
    assert str(run.public_id) in messages_of(done)[0]
    assert "custa agora R$ 1,00" in messages_of(done)[0]
    change = ProductChange.objects.filter(key="price").latest("pk")
    assert (change.old, change.new, change.door) == ("0.90", "1.00", "admin")
    desk.post(reverse("prices:undo", args=[run.public_id]))
    assert Variant.objects.get(pk=bread.pk).price == Decimal("0.90")


def test_the_price_of_a_service_is_found_too(bread: Variant) -> None:
    desk = at_desk(role="owner")
    send(desk, look(desk, "one:price", "cabelo"), price="55")
    assert Variant.objects.get(sku="CORTE").price == Decimal("55.00")


def test_who_saw_an_old_price_changes_nothing_and_then_knows(bread: Variant) -> None:
    desk = at_desk(role="owner")
    shown = look(desk, "one:price", "pao")
    Variant.objects.filter(pk=bread.pk).update(price=Decimal("0.95"))
    refused = send(desk, shown, price="1,00")
    assert refused.status_code == 409
    assert 'value="1,00"' in text_of(refused)
    assert "R$ 0,95" in text_of(refused)
    assert Variant.objects.get(pk=bread.pk).price == Decimal("0.95")
    again = {name: values for name, values in fields_of(refused).items() if name in ("about", "key", "seen_price")}
    desk.post(refused.wsgi_request.get_full_path(), {**again, "price": "1,00"})
    assert Variant.objects.get(pk=bread.pk).price == Decimal("1.00")


def test_a_double_click_changes_a_price_once(bread: Variant) -> None:
    desk = at_desk(role="owner")
    shown = look(desk, "one:price", "pao")
    for _click in range(2):
        assert "custa agora" in messages_of(send(desk, shown, price="1,00"))[-1]
    assert PriceRun.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "status"), [("0,90", 422), ("", 400), ("caro", 400), ("-1", 400), ("99999999999", 400)]
)
def test_what_is_no_new_price_is_told_beside_it(bread: Variant, typed: str, status: int) -> None:
    desk = at_desk(role="owner")
    answer = send(desk, look(desk, "one:price", "pao"), price=typed)
    assert answer.status_code == status
    assert answer.context["rows"][0].form.errors["price"]
    assert Variant.objects.get(pk=bread.pk).price == Decimal("0.90")


def test_a_role_changes_prices_as_far_as_it_may(bread: Variant) -> None:
    shop.set_policies(values={"manager_price_percent": 5}, actor=STAFF, now=MONDAY)
    desk = at_desk(role="manager")
    refused = send(desk, look(desk, "one:price", "pao"), price="1,00")
    assert refused.status_code in (403, 422)
    assert "R$" in str(refused.context["rows"][0].form.errors["price"])
    assert Variant.objects.get(pk=bread.pk).price == Decimal("0.90")


def test_what_was_refused_is_told_though_its_row_is_found_no_more(bread: Variant) -> None:
    desk = at_desk(role="owner")
    for page, field, typed in (("one:price", "price", "0,90"), ("one:count", "quantity", "muitos")):
        row = look(desk, page, "pao").context["rows"][0].form
        hidden = {one.name: str(one.value()) for one in row.hidden_fields()}
        answer = desk.post(f"{reverse(page)}?q=outro", {**hidden, field: typed})
        assert answer.status_code in (400, 422)
        assert messages_of(answer) != []


def test_a_count_is_written_down_with_its_movement(bread: Variant) -> None:
    desk = at_desk(role="counter")
    shown = look(desk, "one:count", "pao")
    done = send(desk, shown, quantity="38")
    assert "38 contados" in messages_of(done)[0]
    moved = StockMovement.objects.latest("pk")
    assert (moved.kind, moved.delta, moved.on_hand_after, moved.reason) == ("counted", -2, 38, "Contagem de estoque")
    again = send(desk, shown, quantity="38")
    assert (again.status_code, StockMovement.objects.filter(kind="counted").count()) == (200, 1)


def test_who_saw_other_units_counts_again(bread: Variant) -> None:
    desk = at_desk(role="counter")
    shown = look(desk, "one:count", "pao")
    StockItem.objects.update(on_hand=39)
    refused = send(desk, shown, quantity="38")
    assert refused.status_code == 409
    assert StockItem.objects.get().on_hand == 39
    assert "<b>39</b>" in text_of(refused)
    assert refused.context["rows"][0].form["seen"].value() == "39"


def test_what_was_never_received_is_counted_too(bread: Variant) -> None:
    variant = factories.variant(sku="BOLO", price=Decimal("20.00"), product=factories.product(name="Bolo"))
    run_unit_of_work(index, product=variant.product, now=MONDAY)
    desk = at_desk(role="owner")
    send(desk, look(desk, "one:count", "bolo"), quantity="3")
    assert StockItem.objects.get(variant=variant).on_hand == 3


@pytest.mark.parametrize("page", ["one:price", "one:count"])
@pytest.mark.parametrize("about", ["", "x", "0", "999999999", str(2**64)])
def test_a_row_that_is_none_changes_nothing(bread: Variant, page: str, about: str) -> None:
    desk = at_desk(role="owner")
    said = {"about": about, "seen": "40", "seen_price": "0.90", "price": "1,00", "quantity": "3"}
    answer = desk.post(f"{reverse(page)}?q=pao", {**said, "key": "00000000-0000-4000-8000-000000000001"})
    assert answer.status_code in (400, 404, 409)
    assert (PriceRun.objects.count(), StockItem.objects.get().on_hand) == (0, 40)


@pytest.mark.parametrize("text", ["", "\u202e", "nada assim", "%", "x" * 300])
@pytest.mark.parametrize("page", ["one:price", "one:count", "one:refund"])
def test_an_odd_text_finds_nothing(bread: Variant, page: str, text: str) -> None:
    answer = look(at_desk(role="owner"), page, text)
    assert answer.status_code == 200
    assert not answer.context["rows"]
    assert "autofocus" in text_of(answer).split('name="q"')[1].split(">")[0]


def test_a_refund_begins_with_the_order_and_shows_only_money_that_can_go_back(bread: Variant) -> None:
    sold = sell(cash("9.00"), goods=goods(PAO=10))
    desk = at_desk(role="owner")
    [row] = look(desk, "one:refund", "").context["rows"]
    order = Order.objects.get(number=sold.numbers[0])
    assert (row.number, row.kept) == (order.number, "R$ 9,00")
    assert desk.get(row.link).status_code == 200
    assert look(desk, "one:refund", order.number).context["rows"] == [row]
    assert look(desk, "one:refund", "ninguém").context["rows"] == []
    Order.objects.update(refunded=Decimal("9.00"))
    assert look(desk, "one:refund", "").context["rows"] == []
    Order.objects.update(refunded=Decimal("0.00"))
    for owed, kept in (("4.00", ["R$ 5,00"]), ("5.00", [])):
        Refund.objects.create(
            order=order, amount=Decimal(owed), currency="BRL", reason="Amassado", status="due", created_at=MONDAY
        )
        assert [one.kept for one in look(desk, "one:refund", "").context["rows"]] == kept


def test_the_refund_page_takes_as_many_statements_for_many_orders_as_for_few(bread: Variant) -> None:
    desk = at_desk(role="owner")
    counts = []
    for batch in (1, 2):
        for _number in range(batch):
            sold = sell(cash("4.50"), goods=goods(PAO=5))
            order = Order.objects.get(number=sold.numbers[0])
            Refund.objects.create(
                order=order, amount=Decimal("1.00"), currency="BRL", reason="Amassado", status="due", created_at=MONDAY
            )
        with statements() as found:
            rows = look(desk, "one:refund", "").context["rows"]
        assert {one.kept for one in rows} == {"R$ 3,50"}
        counts.append(len(found))
    assert (len(rows), counts[0]) == (3, counts[1])


def test_who_gives_no_money_back_is_told_so(bread: Variant) -> None:
    sell(cash("9.00"), goods=goods(PAO=10))
    answer = look(at_desk(role="counter"), "one:refund", "")
    assert messages_of(answer) == ["Seu papel não devolve dinheiro. Peça a quem cuida da loja."]
    assert answer.context["rows"] == ()


@pytest.mark.parametrize("page", ["one:price", "one:count", "one:refund"])
def test_the_pages_cost_the_same_however_many_there_are(bread: Variant, page: str) -> None:
    desk = at_desk(role="owner")
    sell(cash("0.90"), goods=goods(PAO=1))
    look(desk, page, "pa")
    with statements() as few:
        look(desk, page, "pa")
    for number in range(5):
        variant = stocked(sku=f"PA{number}", price="1.00", units=5)
        run_unit_of_work(index, product=variant.product, now=MONDAY)
        sell(cash("1.00"), goods=goods(**{f"PA{number}": 1}))
    with statements() as many:
        look(desk, page, "pa")
    assert len(many) == len(few)
