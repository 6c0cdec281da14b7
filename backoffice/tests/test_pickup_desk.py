"""A pickup at the desk: handed over in one step, moved to another time, and named before its day is closed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.tests.desk import at_desk, messages_of, text_of
from common import clock
from common.models import OutboxMessage
from inventory.models import StockItem
from operations.integrity import findings
from orders.models import Order, OrderEvent
from orders.tests.factories import MONDAY, hand_over, ordered, stocked
from payments.models import Payment
from shop import services as shop
from shop.models import Holiday

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


@pytest.fixture
def order() -> Order:
    stocked(sku="BREAD", units=10)
    return ordered(units={"BREAD": 2})


def page(order: Order, verb: str) -> str:
    return reverse(f"admin:orders_order_do_{verb}", args=[order.pk])


def hand(desk: Client, order: Order, **typed: Any) -> Any:
    return desk.post(page(order, "hand_over"), {"key": uuid4(), "amount": "20.00", **typed}, follow=True)


@pytest.mark.parametrize("begun", [(), ("pick",), ("pick", "ready")])
def test_one_step_takes_the_money_hands_over_and_completes(order: Order, begun: tuple[str, ...]) -> None:
    if begun:
        hand_over(order=order, verbs=begun)
    desk = at_desk(role="counter")
    shown = text_of(desk.get(page(order, "hand_over")))
    assert "2 × " in shown
    assert "20.00" in shown
    hand(desk, order, tender="card")
    order.refresh_from_db()
    assert (order.status, order.paid) == ("completed", Decimal("20.00"))
    assert (Payment.objects.get().tender, StockItem.objects.get().on_hand) == ("card", 8)
    assert [row.status for row in order.fulfilments.all()] == ["delivered"]
    assert OutboxMessage.objects.filter(name="fulfilment.ready").exists() == ("ready" in begun)
    assert findings(now=MONDAY) == []


def test_what_is_not_paid_now_is_handed_over_and_stays_open(order: Order) -> None:
    hand(at_desk(role="counter"), order, tender="")
    order.refresh_from_db()
    assert (order.status, order.paid, Payment.objects.count()) == ("confirmed", 0, 0)
    assert findings(now=MONDAY) == []


def test_a_second_click_hands_nothing_over_again(order: Order) -> None:
    desk, key = at_desk(role="counter"), uuid4()
    for _click in range(2):
        hand(desk, order, tender="cash", key=key)
    assert (Payment.objects.count(), StockItem.objects.get().on_hand) == (1, 8)
    assert findings(now=MONDAY) == []


def test_another_amount_than_the_page_said_changes_nothing(order: Order) -> None:
    answer = hand(at_desk(role="counter"), order, tender="cash", amount="19.00")
    assert answer.status_code == 409
    order.refresh_from_db()
    assert (order.status, order.fulfilments.count(), Payment.objects.count()) == ("confirmed", 0, 0)


def test_what_is_paid_already_is_handed_over_with_one_button(order: Order) -> None:
    desk = at_desk(role="counter")
    desk.post(page(order, "receive"), {"key": uuid4(), "tender": "pix"})
    verbs = desk.get(reverse("admin:orders_order_change", args=[order.pk])).context["verbs"]
    assert [verb.asks for verb in verbs if verb.name == "hand_over"] == [False]
    desk.post(page(order, "hand_over"))
    order.refresh_from_db()
    assert order.status == "completed"
    assert findings(now=MONDAY) == []


def test_handing_over_is_the_next_step_once_the_window_is_there(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = at_desk(role="counter")

    def first() -> str:
        verbs = desk.get(reverse("admin:orders_order_change", args=[order.pk])).context["verbs"]
        name: str = verbs[0].name
        return name

    assert first() == "prepare"
    assert order.pickup_starts_at is not None
    monkeypatch.setattr(clock, "now", lambda: order.pickup_starts_at)
    assert first() == "hand_over"


def test_a_pickup_is_moved_and_the_history_says_who_and_where_to(order: Order) -> None:
    assert order.pickup_starts_at is not None
    tomorrow = order.pickup_starts_at + timedelta(days=1)
    desk = at_desk(role="counter")
    url = page(order, "move_pickup")
    assert f'value="{tomorrow.isoformat()}"' in text_of(desk.get(url))
    assert desk.post(url, {"pickup_at": "2020-01-01T10:00:00+00:00"}).status_code == 400
    desk.post(url, {"pickup_at": tomorrow.isoformat(), "reason": "Pediu por telefone"})
    order.refresh_from_db()
    assert order.pickup_starts_at == tomorrow
    shown = text_of(desk.get(reverse("admin:orders_order_change", args=[order.pk])))
    assert "Retirada mudada para 03/03/2026 11:00" in shown
    assert "Dona Ana" in shown
    assert "Pediu por telefone" in shown
    assert findings(now=MONDAY) == []


def shop_page(desk: Client) -> tuple[str, dict[str, Any]]:
    """The address of the shop's page, and what it sends when nothing is changed."""
    form = desk.get(reverse("admin:shop_shopsettings_changelist"), follow=True)
    typed = form.context["adminform"].form.initial | {
        name: value
        for field in form.context["inline_admin_formsets"]
        for name, value in _formset(field.formset).items()
    }
    return form.redirect_chain[-1][0], {name: value for name, value in typed.items() if value is not None}


def test_a_day_off_names_the_pickup_before_it_is_saved(order: Order) -> None:
    desk = at_desk(role="owner")
    change, typed = shop_page(desk)
    day = order.agreed_pickup_starts_at.date()  # type: ignore[union-attr]
    typed |= {
        "holidays-TOTAL_FORMS": "1",
        "holidays-INITIAL_FORMS": "0",
        "holidays-0-date": f"{day:%d/%m/%Y}",
        "holidays-0-name": "Feriado",
    }
    asked = desk.post(change, typed)
    assert asked.status_code == 409, text_of(asked)
    assert page(order, "move_pickup") in text_of(asked)
    assert "Ana Lima" in text_of(asked)
    assert Holiday.objects.count() == 0
    saved = desk.post(change, typed | {"strand_anyway": "1"}, follow=True)
    assert Holiday.objects.count() == 1
    assert any("Ana Lima" in message for message in messages_of(saved))
    assert OrderEvent.objects.filter(pickup_at__isnull=False).count() == 0


def test_fewer_places_in_a_window_name_who_would_have_none_before_they_are_saved(order: Order) -> None:
    later = ordered(units={"BREAD": 1})
    desk = at_desk(role="owner")
    change, typed = shop_page(desk)
    typed["max_pickups_per_window"] = "1"
    asked = desk.post(change, typed)
    assert asked.status_code == 409, text_of(asked)
    assert [page(one, "move_pickup") in text_of(asked) for one in (order, later)] == [False, True]
    assert shop.policy().max_pickups_per_window == 0
    saved = desk.post(change, typed | {"strand_anyway": "1"}, follow=True)
    assert shop.policy().max_pickups_per_window == 1
    assert any("Ana Lima" in message for message in messages_of(saved))
    assert order.pickup_starts_at is not None
    moved = desk.post(page(later, "move_pickup"), {"pickup_at": order.pickup_starts_at.isoformat(), "reason": "Pediu"})
    assert moved.status_code == 400, "the desk does not overfill a window either"
    assert order.pickup_starts_at.isoformat() not in text_of(desk.get(page(later, "move_pickup")))


def _formset(formset: Any) -> dict[str, Any]:
    typed = {f"{formset.prefix}-TOTAL_FORMS": formset.total_form_count()}
    typed |= {f"{formset.prefix}-INITIAL_FORMS": formset.initial_form_count()}
    for form in formset.forms:
        for field in form.visible_fields() + form.hidden_fields():
            value = field.value()
            if value is not None:
                typed[field.html_name] = value
    return typed
