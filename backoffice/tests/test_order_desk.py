"""The desk's page of an order: the verbs that its state allows, and what they do."""

import re
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from backoffice.tests.desk import at_desk, messages_of, text_of
from common.testing import statements
from inventory.models import StockItem
from orders import services as orders
from orders.models import Fulfilment, Order, OrderContact, OrderEvent, OrderLineCancellation
from orders.tests.factories import (
    ALL,
    MONDAY,
    STAFF,
    cancel,
    cart_with,
    hand_over,
    ordered,
    place,
    placement_of,
    stocked,
)
from payments import services as payments
from payments.models import Payment, Refund

VERBS = ("confirm", "receive", "cancel", "refund", "prepare", "complete", "hand_over", "move_pickup")


@pytest.fixture(autouse=True)
def monday(settings: Any) -> None:
    settings.SHOP_NOW = MONDAY


@pytest.fixture
def desk(db: None) -> Client:
    stocked(sku="PAO", units=50, price="10.00")
    stocked(sku="BOLO", units=5, price="60.00")
    return at_desk(role="owner")


def url(order: Order, verb: str = "") -> str:
    name = f"admin:orders_order_do_{verb}" if verb else "admin:orders_order_change"
    return reverse(name, args=[order.pk])


def offered(desk: Client, order: Order) -> list[str]:
    """The verbs that the page offers, the most likely first; steps of a fulfilment as step:name."""
    page = text_of(desk.get(url(order)))
    verbs = re.findall(rf'(?:href|action)="/admin/orders/order/{order.pk}/(\w+)/"', page)
    steps = re.findall(r"/fulfilments/[0-9a-f-]+/(\w+)/", page)
    return [verb for verb in verbs if verb in VERBS] + [f"step:{step}" for step in steps]


def take(desk: Client, order: Order, verb: str) -> Any:
    fulfilment = Fulfilment.objects.get(order=order)
    return desk.post(reverse("admin:orders_order_step", args=[order.pk, fulfilment.public_id, verb]), follow=True)


WRITTEN, UNWRITTEN = "O cliente será avisado por e-mail.", "Nenhum aviso é enviado: avise o cliente."


@pytest.mark.parametrize("email", ["ana@example.com", ""])
def test_a_letter_is_promised_where_one_is_written_and_nowhere_else(desk: Client, email: str) -> None:
    order = ordered(units={"PAO": 3}, payment_method="transfer")
    OrderContact.objects.update(email=email)
    for verb in ("confirm", "cancel", "move_pickup"):
        asked = text_of(desk.get(url(order, verb)))
        assert (WRITTEN in asked, UNWRITTEN in asked) == (bool(email), not email), verb
    renewed = "O cliente recebe um novo." if email else "O novo aparece para você, porque não há e-mail"
    assert renewed in text_of(desk.get(url(order, "renew_link")))
    desk.post(url(order, "confirm"), {"amount": "R$ 30,00", "reference": "TED 123"})
    desk.post(url(order, "prepare"))
    told = messages_of(take(desk, order, "ready"))[-1]
    assert told == f"Pedido {order.number} pronto. {WRITTEN if email else UNWRITTEN}"


def test_who_bought_at_the_counter_is_told_there_that_it_is_called_off(desk: Client) -> None:
    wanted = replace(placement_of(cart=cart_with(units={"PAO": 3}), payment_method="transfer"), channel="counter")
    orders.place_order(placement=wanted, customer_id=None, actor=STAFF, now=MONDAY)
    assert UNWRITTEN in text_of(desk.get(url(Order.objects.get(), "cancel")))


def test_an_order_goes_from_the_money_to_the_handing_over(desk: Client) -> None:
    order = ordered(units={"PAO": 3, "BOLO": 1}, payment_method="transfer")
    assert offered(desk, order) == ["confirm", "move_pickup", "cancel"]
    assert 'value="90,00"' in text_of(desk.get(url(order, "confirm")))
    answer = desk.post(url(order, "confirm"), {"amount": "R$ 90,00", "reference": "TED 123"}, follow=True)
    assert messages_of(answer) == [f"Pedido {order.number} confirmado."]
    assert offered(desk, order) == ["prepare", "hand_over", "move_pickup", "refund", "cancel"]

    desk.post(url(order, "prepare"))
    assert offered(desk, order) == ["hand_over", "move_pickup", "refund", "cancel", "step:ready"]
    take(desk, order, "ready")
    assert offered(desk, order) == ["hand_over", "move_pickup", "refund", "cancel", "step:deliver"]
    take(desk, order, "deliver")
    assert offered(desk, order) == ["complete", "refund", "step:return"]
    answer = desk.post(url(order, "complete"), follow=True)
    assert messages_of(answer) == [f"Pedido {order.number} concluído."]
    assert offered(desk, order) == ["refund", "step:return"]

    order.refresh_from_db()
    assert (order.status, str(order.paid)) == ("completed", "90.00")
    assert sorted(StockItem.objects.values_list("variant__sku", "on_hand", "reserved")) == [
        ("BOLO", 4, 0),
        ("PAO", 47, 0),
    ]
    owner = User.objects.get(email="owner@balcao.example")
    steps = OrderEvent.objects.filter(order=order, actor_kind="staff").values_list("to_status", "actor_id", "door")
    assert list(steps) == [("confirmed", str(owner.pk), "admin"), ("completed", str(owner.pk), "admin")]
    page = text_of(desk.get(url(order)))
    assert page.count("Dona Ana") >= 3  # the menu, two steps, the payment


def test_money_is_received_at_the_counter(desk: Client) -> None:
    order = ordered(units={"PAO": 2})
    assert offered(desk, order) == ["prepare", "hand_over", "receive", "move_pickup", "cancel"]
    assert "R$ 20,00" in text_of(desk.get(url(order, "receive")))
    answer = desk.post(url(order, "receive"), {"key": uuid4(), "tender": "cash"}, follow=True)
    assert messages_of(answer) == [f"R$ 20,00 recebidos do pedido {order.number}."]
    assert Payment.objects.get(order=order).amount == 20
    again = desk.post(url(order, "receive"), {"key": uuid4(), "tender": "cash"})
    assert again.status_code == 409
    assert Payment.objects.filter(order=order).count() == 1


@pytest.mark.fault("L2")
def test_money_that_comes_too_late_is_written_down_to_be_given_back(desk: Client, settings: Any) -> None:
    order = ordered(units={"BOLO": 5}, payment_method="transfer")
    assert order.expires_at is not None
    settings.SHOP_NOW = order.expires_at
    ordered(units={"BOLO": 1}, now=order.expires_at)
    answer = desk.post(url(order, "confirm"), {"amount": "300,00", "reference": "TED 123"}, follow=True)
    [told] = messages_of(answer)
    assert told.startswith(f"O pedido {order.number} não pôde voltar")
    assert offered(desk, order) == []
    assert Refund.objects.values_list("status", "amount").get() == ("due", order.total)


@pytest.mark.fault("C18")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", ["confirm", "move_pickup", "cancel"]),
        ("expired", ["confirm"]),
        ("confirmed", ["prepare", "hand_over", "receive", "move_pickup", "cancel"]),
        ("cancelled", []),
    ],
)
def test_only_the_verbs_its_state_allows_are_shown(
    desk: Client, settings: Any, status: str, expected: list[str]
) -> None:
    order = ordered(units={"PAO": 1}, payment_method="on_site" if status in ("confirmed", "cancelled") else "transfer")
    if status == "cancelled":
        cancel(order=order)
        order.refresh_from_db()
    if status == "expired":
        assert order.expires_at is not None
        settings.SHOP_NOW = order.expires_at
    assert offered(desk, order) == expected
    for verb in VERBS:
        if verb in expected:
            continue
        typed = {"key": uuid4(), "amount": "1.00", "reason": "x", "tender": "cash"}
        before = (order.status, OrderEvent.objects.filter(order=order).count())
        answer = desk.post(url(order, verb), typed, follow=True)
        order.refresh_from_db()
        assert (order.status, OrderEvent.objects.filter(order=order).count()) == before
        assert answer.status_code in (200, 400, 409)
        if verb in ("confirm", "receive", "refund", "cancel"):
            assert desk.get(url(order, verb)).status_code == 302


def test_an_expiry_that_nobody_wrote_down_is_shown(desk: Client, settings: Any) -> None:
    order = ordered(units={"PAO": 1}, payment_method="transfer")
    assert order.expires_at is not None
    settings.SHOP_NOW = order.expires_at
    page = text_of(desk.get(url(order)))
    assert "Expirado" in page
    assert "A própria loja" in page
    listed = text_of(desk.get(reverse("admin:orders_order_changelist"), {"status": "expired"}))
    assert order.number in listed
    assert order.number not in text_of(desk.get(reverse("admin:orders_order_changelist"), {"status": "pending"}))


def test_cancelling_asks_why(desk: Client) -> None:
    order = ordered(units={"PAO": 4})
    assert desk.post(url(order, "cancel"), {"reason": "  "}).status_code == 400
    order.refresh_from_db()
    assert order.status == "confirmed"
    answer = desk.post(url(order, "cancel"), {"reason": "Forno quebrou"}, follow=True)
    assert messages_of(answer) == [f"Pedido {order.number} cancelado."]
    assert "Forno quebrou" in text_of(answer)
    assert StockItem.objects.get(variant__sku="PAO").reserved == 0


def test_a_refund_never_exceeds_what_was_paid_and_keeps_what_was_typed(desk: Client) -> None:
    order = ordered(units={"PAO": 4})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    assert 'value="40,00"' in text_of(desk.get(url(order, "refund")))
    refused = desk.post(url(order, "refund"), {"key": uuid4(), "amount": "40,01", "reason": "Veio queimado"})
    assert refused.status_code == 409
    assert 'value="40,01"' in text_of(refused)
    assert 'value="Veio queimado"' in text_of(refused)
    assert "no máximo R$ 40,00" in text_of(refused)
    typed = {"key": uuid4(), "amount": "10,00", "reason": "Veio queimado"}
    assert [desk.post(url(order, "refund"), typed).status_code for _time in range(2)] == [302, 302]
    order.refresh_from_db()
    assert (str(order.refunded), Refund.objects.count()) == ("10.00", 1)


def test_units_that_come_back_are_refunded_and_put_on_the_shelf(desk: Client) -> None:
    order = ordered(units={"PAO": 4, "BOLO": 1})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    hand_over(order=order)
    bread = f"units_{order.lines.get(sku='PAO').position}"
    assert f'name="{bread}"' in text_of(desk.get(url(order, "refund")))
    nothing = desk.post(url(order, "refund"), {"key": uuid4(), "reason": "x", "restock": "on"})
    assert nothing.status_code == 400
    too_many = desk.post(url(order, "refund"), {"key": uuid4(), "reason": "x", bread: "5"})
    assert too_many.status_code == 400
    typed = {"key": uuid4(), "reason": "Mudou de ideia", bread: "2", "restock": "on"}
    assert desk.post(url(order, "refund"), typed).status_code == 302
    order.refresh_from_db()
    assert str(order.refunded) == "20.00"
    assert StockItem.objects.get(variant__sku="PAO").on_hand == 48


def test_two_attendants_prepare_once(desk: Client) -> None:
    order = ordered(units={"PAO": 3})
    desk.post(url(order, "prepare"))
    desk.post(url(order, "prepare"))
    fulfilment = Fulfilment.objects.get(order=order)
    assert (fulfilment.status, fulfilment.lines.get().quantity) == ("picked", 3)
    take(desk, order, "ready")
    answer = take(desk, order, "ready")
    assert messages_of(answer)[-1] == "Não é possível nesta situação"
    assert Fulfilment.objects.get(order=order).status == "ready"


def test_what_is_left_of_a_partial_handover_is_prepared(desk: Client) -> None:
    order = ordered(units={"PAO": 3, "BOLO": 2})
    line = order.lines.get(sku="BOLO")
    orders.begin_fulfilment(
        number=order.number,
        handovers=[orders.Handover(line=line.public_id, quantity=1)],
        tracking="",
        access=ALL,
        now=MONDAY,
    )
    desk.post(url(order, "prepare"))
    begun = Fulfilment.objects.filter(order=order).order_by("pk")
    assert [sorted(row.lines.values_list("line__sku", "quantity")) for row in begun] == [
        [("BOLO", 1)],
        [("BOLO", 1), ("PAO", 3)],
    ]
    assert "prepare" not in offered(desk, order)


def test_buttons_act_on_post_only(desk: Client) -> None:
    order = ordered(units={"PAO": 3})
    assert desk.get(url(order, "prepare")).status_code == 405
    assert desk.get(url(order, "complete")).status_code == 405
    unknown = reverse("admin:orders_order_step", args=[order.pk, UUID(int=1), "pick"])
    assert desk.get(unknown).status_code == 405
    assert messages_of(desk.post(unknown, follow=True)) == ["Não encontramos"]
    assert not Fulfilment.objects.exists()


@pytest.mark.fault("C18")
def test_no_column_of_an_order_is_ever_typed_in(desk: Client) -> None:
    order = ordered(units={"PAO": 3})
    assert desk.post(url(order), {"status": "completed", "paid": "30.00"}).status_code == 405
    assert desk.get(reverse("admin:orders_order_add")).status_code == 403
    assert desk.post(reverse("admin:orders_order_delete", args=[order.pk]), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": str(order.pk)}
    assert desk.post(reverse("admin:orders_order_changelist"), action).status_code == 200
    order.refresh_from_db()
    assert (order.status, str(order.paid), order.total > 0) == ("confirmed", "0.00", True)


@pytest.mark.fault("F14")
def test_each_verb_asks_for_its_permission(db: None) -> None:
    stocked(sku="PAO", units=50)
    order = ordered(units={"PAO": 3})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    hand_over(order=order, verbs=("pick",))
    fulfilment = Fulfilment.objects.get(order=order)
    step = reverse("admin:orders_order_step", args=[order.pk, fulfilment.public_id, "ready"])
    addresses = {verb: url(order, verb) for verb in VERBS} | {"step": step, "page": url(order)}
    codes = {
        role: {verb: client.post(address).status_code for verb, address in addresses.items()}
        for role, client in (("counter", at_desk(role="counter")), ("professional", at_desk(role="professional")))
    }
    assert codes["counter"] == {
        "confirm": 400, "receive": 400, "cancel": 400, "refund": 403,
        "prepare": 302, "complete": 302, "hand_over": 302, "move_pickup": 400, "step": 302, "page": 405,
    }  # fmt: skip
    assert set(codes["professional"].values()) == {403}
    assert {Client().post(address).status_code for address in addresses.values()} == {302}
    order.refresh_from_db()
    assert order.status == "completed", "the counter handed it over"


def test_who_may_not_act_sees_no_button(db: None) -> None:
    stocked(sku="PAO", units=50)
    order = ordered(units={"PAO": 3})
    payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    assert offered(at_desk(role="counter"), order) == ["prepare", "hand_over", "move_pickup", "cancel"]
    assert at_desk(role="professional").get(url(order)).status_code == 403


def test_orders_are_found_by_number_name_and_e_mail(desk: Client) -> None:
    first = ordered(units={"PAO": 1})
    second = Order.objects.get(number=place(cart=cart_with(units={"PAO": 1}), email="maria@example.com").order.number)
    address = reverse("admin:orders_order_changelist")
    assert first.number not in text_of(desk.get(address, {"q": "maria@"}))
    for term in (second.number, "maria@example.com", "Ana Lima"):
        assert second.number in text_of(desk.get(address, {"q": term}))


def test_pickups_are_filtered_by_day_and_by_who_forgot(desk: Client, settings: Any) -> None:
    order = ordered(units={"PAO": 1})
    assert order.pickup_starts_at is not None
    day = order.pickup_starts_at.date()
    address = reverse("admin:orders_order_changelist")

    def found(**filters: str) -> bool:
        return order.number in text_of(desk.get(address, filters))

    assert (found(pickup="today"), found(pickup="tomorrow"), found(pickup="week")) == (True, False, True)
    assert found(pickup_starts_at_from=f"{day:%d/%m/%Y}", pickup_starts_at_to=f"{day:%d/%m/%Y}")
    assert not found(pickup_starts_at_to=f"{day.replace(day=1):%d/%m/%Y}")
    assert found(pickup_starts_at_from="no day")
    assert not found(pickup="uncollected")
    assert (found(delivered="no"), found(delivered="today")) == (True, False)
    hand_over(order=order)
    assert (found(delivered="no"), found(delivered="today"), found(delivered="yesterday")) == (False, True, False)
    late = ordered(units={"PAO": 1})
    settings.SHOP_NOW = MONDAY.replace(day=20)
    assert late.number in text_of(desk.get(address, {"pickup": "uncollected"}))
    assert not found(pickup="uncollected")
    assert found(payment_method__exact="on_site")
    assert not found(payment_method__exact="transfer")


def test_the_list_takes_as_many_statements_for_many_orders_as_for_few(desk: Client) -> None:
    address = reverse("admin:orders_order_changelist")
    counts = []
    for batch in (2, 20):
        for _number in range(batch):
            ordered(units={"PAO": 1})
        with statements() as found:
            assert desk.get(address).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_the_page_takes_as_many_statements_for_a_long_life_as_for_a_short_one(desk: Client) -> None:
    short, long = ordered(units={"PAO": 1}), ordered(units={"PAO": 3, "BOLO": 2})
    for line in long.lines.all():
        for _unit in range(line.quantity):
            orders.begin_fulfilment(
                number=long.number,
                handovers=[orders.Handover(line=line.public_id, quantity=1)],
                tracking="",
                access=ALL,
                now=MONDAY,
            )
    for order in (short, long):
        payments.begin_payment(number=order.number, method="on_site", access=ALL, actor=STAFF, now=MONDAY)
    hand_over(order=short, verbs=("pick",))
    for _time in range(3):
        payments.refund_order(
            number=long.number,
            amount=long.total / 10,
            handed_back=[],
            restock=False,
            reason="x",
            access=ALL,
            actor=STAFF,
            now=MONDAY,
        )
    counts = []
    for order in (short, long):
        with statements() as found:
            assert desk.get(url(order)).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_a_line_that_was_taken_out_is_shown_so_and_not_charged(desk: Client) -> None:
    order = ordered(units={"PAO": 2, "BOLO": 1})
    cake = order.lines.get(sku="BOLO")
    OrderLineCancellation.objects.create(line=cake, reason="Desistiu", at=MONDAY)
    Order.objects.filter(pk=order.pk).update(cancelled=cake.line_total)
    page = text_of(desk.get(url(order)))
    assert page.count('<tr class="is-gone">') == 1
    assert "R$ 20,00" in text_of(desk.get(url(order, "receive")))
    desk.post(url(order, "receive"), {"key": uuid4(), "tender": "cash"})
    assert str(Payment.objects.get(order=order).amount) == "20.00"
