"""Who is to be written to, what was sent, and the shop's own words."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from time_machine import Traveller

from accounts.models import Block
from accounts.tests.doors import a_customer
from catalog.models import Product
from chats import selectors, services
from chats.errors import NothingToTell, WordsChanged
from chats.filling import unknown_names
from chats.models import ChatTemplate, Occasion, SentChat
from chats.selectors import DueChat, Key
from chats.wording import DEFAULTS, allowed_in, our_words
from common import sql
from common.errors import Malformed, NotFound
from common.testing import race, statements
from inventory.tests.factories import stocked
from orders.models import Order, OrderContact
from orders.tests import factories as goods
from orders.tests.doors import an_order
from scheduling import services as scheduling
from scheduling.models import Appointment, Service
from scheduling.tests import factories as make
from scheduling.tests.factories import GUEST, MONDAY, STAFF, at, booked, salon
from shop import services as shop
from shop.models import OpeningHours

pytestmark = pytest.mark.django_db

BIA = "+5511988887777"


@pytest.fixture(autouse=True)
def monday(time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)
    salon()
    stocked(sku="BOLO", units=50, price="59.90")


def due(*, now: datetime = MONDAY, page: int = 1) -> list[DueChat]:
    return selectors.due_chats(policy=shop.policy(), now=now, page=page)[0]


def occasions(**options: Any) -> list[str]:
    return [chat.key.occasion for chat in due(**options)]


def test_tomorrows_visits_are_reminded_of_in_the_customers_language() -> None:
    booked(at(10), phone=BIA, name="Bia Reis")
    booked(at(11), phone="+5511977776666", name="Bob", language="en")
    booked(at(10, day=0) + timedelta(hours=4))
    booked(at(10, day=3))

    first, second = due()
    assert (first.key.occasion, first.phone, first.moment) == ("visit_soon", BIA, at(10))
    assert "Olá, Bia!" in first.text
    assert "3 de março de 2026 às 10:00, com Ana" in first.text
    assert "Hello, Bob!" in second.text
    assert first.url.startswith("https://wa.me/5511988887777?text=Ol%C3%A1%2C%20Bia%21")


def test_before_a_day_on_which_the_shop_is_closed_the_next_ones_visits_are_reminded_of() -> None:
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(weekday=3, opens="09:00", closes="18:00")
    booked(at(10, day=3))
    booked(at(10, day=4))
    assert [chat.moment for chat in due()] == [at(10, day=3)]


def test_tomorrow_is_the_shops() -> None:
    booked(at(10))
    booked(at(10, day=2))
    make.set_policy(timezone="America/Manaus")
    late = at(0, 30)  # half past eleven on Monday in Manaus; in São Paulo and in UTC it is Tuesday
    assert [chat.moment for chat in due(now=late)] == [at(10)]


def test_without_opening_hours_tomorrow_is_tomorrow() -> None:
    OpeningHours.objects.all().delete()
    booked(at(10))
    assert occasions() == ["visit_soon"]


def test_who_has_no_phone_or_is_blocked_is_not_written_to() -> None:
    booked(at(10), phone="", email="bia@example.com")
    booked(at(11), phone=BIA)
    booked(at(12), phone="+5511900000000", email="mal@example.com")
    Block.objects.create(phone=BIA, created_at=MONDAY, actor_kind="staff", actor_id="1")
    Block.objects.create(email="mal+x@example.com", created_at=MONDAY, actor_kind="staff", actor_id="1")
    kept = booked(at(13), phone="+5511911111111", email="")
    assert [chat.key.subject for chat in due()] == [kept.public_id]


def test_who_is_blocked_by_the_account_or_the_record_is_not_written_to() -> None:
    kept_out = booked(at(10), phone=BIA, email="")
    by_record = booked(at(11), phone="+5511922222222", email="")
    from_account = a_customer()
    from_account.customer.phone, from_account.customer.is_active = BIA, False
    from_account.customer.save()
    assert [chat.key.subject for chat in due()] == [by_record.public_id]
    assert kept_out.state == "confirmed"


def test_what_the_shop_did_to_a_visit_is_told_while_it_is_still_to_come() -> None:
    accepted_one = requested(at(10, day=5))
    scheduling.accept(public_id=accepted_one, actor=STAFF, now=MONDAY)
    moved = booked(at(11, day=5))
    scheduling.reschedule(public_id=moved.public_id, starts_at=at(15, day=5), actor=STAFF, now=MONDAY)
    off = booked(at(12, day=5))
    scheduling.cancel(public_id=off.public_id, actor=STAFF, now=MONDAY)
    by_customer = booked(at(13, day=5))
    scheduling.cancel(public_id=by_customer.public_id, actor=GUEST, now=MONDAY)

    assert occasions() == ["visit_cancelled", "visit_moved", "visit_accepted"]
    assert "15:00" in due()[1].text
    assert occasions(now=MONDAY + timedelta(days=1)) == ["visit_cancelled", "visit_moved", "visit_accepted"]
    assert occasions(now=MONDAY + timedelta(days=2)) == []


def requested(starts_at: datetime) -> Any:
    Service.objects.update(requires_confirmation=True)
    visit = booked(starts_at)
    Service.objects.update(requires_confirmation=False)
    Appointment.objects.filter(pk=visit.pk).update(awaits_click=False)
    return visit.public_id


def test_orders_that_are_ready_or_to_be_paid_are_told() -> None:
    waiting = Order.objects.get(number=an_order(payment_method="transfer")["number"])
    ready = Order.objects.get(number=an_order()["number"])
    for order in (waiting, ready):
        OrderContact.objects.filter(order=order).update(phone=BIA)
    goods.hand_over(order=ready, verbs=("pick", "ready"))
    first, second = due()
    assert (first.key.occasion, first.number) == ("order_ready", ready.number)
    assert (second.key.occasion, second.number) == ("order_to_pay", waiting.number)
    assert f"/orders/{waiting.number}/" in second.text
    assert "R$ 59,90" in second.text.replace("\xa0", " ")

    Order.objects.filter(pk=waiting.pk).update(expires_at=MONDAY)
    assert occasions() == ["order_ready"]


def test_who_is_asked_for_a_deposit_is_reminded_of_that_and_once_it_is_paid_of_nothing() -> None:
    Product.objects.filter(kind="goods").update(deposit_amount=Decimal("20.00"))
    waiting = Order.objects.get(number=an_order(payment_method="transfer")["number"])
    OrderContact.objects.filter(order=waiting).update(phone=BIA)
    (chat,) = due()
    assert "Pague R$ 20,00 até lá, por aqui" in chat.text.replace("\xa0", " ")

    Order.objects.filter(pk=waiting.pk).update(paid=Decimal("20.00"))
    assert occasions() == []


def test_what_was_sent_is_remembered_and_due_again_when_it_was_not_sent_after_all() -> None:
    booked(at(10), phone=BIA)
    key = due()[0].key
    opened = services.send_chat(key=key, actor=STAFF, now=MONDAY)
    assert opened.url.startswith("https://wa.me/5511988887777?text=")
    assert services.send_chat(key=key, actor=STAFF, now=MONDAY).text == opened.text
    row = SentChat.objects.get()
    assert (row.text, row.at, row.actor_kind, row.actor_id) == (opened.text, MONDAY, "staff", "1")
    assert due() == []

    services.take_back(sent=row.pk, actor=STAFF, now=MONDAY)
    assert [chat.key for chat in due()] == [key]
    assert list(selectors.sent_chats(since=MONDAY)) == []
    with pytest.raises(NotFound):
        services.take_back(sent=row.pk, actor=STAFF, now=MONDAY)
    services.send_chat(key=key, actor=STAFF, now=MONDAY)
    assert SentChat.objects.count() == 2


def test_a_visit_that_moves_is_reminded_of_anew() -> None:
    visit = booked(at(10), phone=BIA)
    services.send_chat(key=due()[0].key, actor=STAFF, now=MONDAY)
    scheduling.reschedule(public_id=visit.public_id, starts_at=at(15), actor=STAFF, now=MONDAY)
    assert occasions() == ["visit_moved", "visit_soon"]


def test_what_is_not_due_is_not_sent() -> None:
    visit = booked(at(10), phone=BIA)
    key = due()[0].key
    scheduling.cancel(public_id=visit.public_id, actor=STAFF, now=MONDAY)
    for gone in (key, Key("visit_soon", uuid4(), MONDAY), Key("nonsense", visit.public_id, at(10))):
        with pytest.raises(NothingToTell):
            services.send_chat(key=gone, actor=STAFF, now=MONDAY)
    assert not SentChat.objects.exists()


def test_the_list_takes_as_many_statements_for_many_as_for_few() -> None:
    counts = []
    for minute in (0, 30):
        for hour in range(9, 14):
            booked(at(hour, minute), phone=f"+55119888{hour}{minute:03}", email=f"{hour}{minute}@example.com")
        policy = shop.policy()
        with statements() as seen:
            selectors.due_chats(policy=policy, now=MONDAY)
        counts.append(len(seen))
    assert counts == [4, 4]


def test_pages_follow_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "PAGE", 2)
    visits = [booked(at(hour), phone=BIA, email=f"{hour}@example.com").public_id for hour in (9, 10, 11)]
    policy = shop.policy()
    (first, more), (second, end) = (selectors.due_chats(policy=policy, now=MONDAY, page=number) for number in (1, 2))
    assert [chat.key.subject for chat in (*first, *second)] == visits
    assert (more, end) == (True, False)


def test_the_shop_writes_its_own_words_and_takes_ours_back() -> None:
    booked(at(10), phone=BIA, name="Bia Reis")
    occasion = "visit_soon"
    seen = services.as_of_now(occasion=occasion)
    texts = {"pt-br": "Oi, {nome}, amanhã {quando}?", "en": our_words(occasion=occasion, language="en")}
    services.write_words(occasion=occasion, texts=texts, seen=seen, actor=STAFF, now=MONDAY)
    assert due()[0].text == "Oi, Bia, amanhã 3 de março de 2026 às 10:00?"
    assert [(row.language, row.actor_id) for row in ChatTemplate.objects.all()] == [("pt-br", "1")]

    with pytest.raises(WordsChanged):
        services.write_words(occasion=occasion, texts=texts, seen=seen, actor=STAFF, now=MONDAY)
    with pytest.raises(WordsChanged):
        services.give_back_our_words(occasion=occasion, seen=seen)
    services.give_back_our_words(occasion=occasion, seen=services.as_of_now(occasion=occasion))
    assert not ChatTemplate.objects.exists()
    assert "lembrando do seu horário" in due()[0].text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Escreva algo"),
        ("Olá, {cliente}", "{cliente} não existe aqui. Você pode usar: {nome}, {loja}, {quando}"),
        ("Olá, {prazo}", "{prazo} não existe aqui"),
        ("Olá, {nome", "Há uma chave sem o seu par."),
        ("x" * 1001, "No máximo 1000 caracteres."),
        ("a\u202eb", "caracteres invisíveis"),
    ],
)
def test_words_that_cannot_be_are_refused_with_a_sentence(text: str, says: str) -> None:
    seen = services.as_of_now(occasion="visit_soon")
    with pytest.raises(Malformed) as refused:
        services.write_words(occasion="visit_soon", texts={"pt-br": text}, seen=seen, actor=STAFF, now=MONDAY)
    assert says in str(refused.value.errors[0].detail)
    assert refused.value.errors[0].pointer == "/pt-br"
    assert not ChatTemplate.objects.exists()


def test_there_are_no_words_for_an_unknown_occasion() -> None:
    with pytest.raises(NotFound):
        services.write_words(occasion="birthday", texts={}, seen="", actor=STAFF, now=MONDAY)


@pytest.mark.parametrize("language", ["pt-br", "en"])
@pytest.mark.parametrize("occasion", Occasion.values)
def test_our_own_words_name_what_may_be_named(occasion: str, language: str) -> None:
    text = our_words(occasion=occasion, language=language)
    assert unknown_names(text=text, allowed=allowed_in(occasion=occasion)) == []
    assert DEFAULTS.keys() == set(Occasion.values)
    assert ("{nome}" in text) == (language == "pt-br")


def test_closing_an_account_erases_what_was_written_to_it() -> None:
    ana = a_customer()
    mine, other = booked(at(10), phone=BIA), booked(at(11), phone=BIA, email="o@example.com")
    Appointment.objects.filter(pk=mine.pk).update(customer=ana.customer)
    for chat in due():
        services.send_chat(key=chat.key, actor=STAFF, now=MONDAY)
    payload = {"customer": str(ana.customer.public_id)}
    for _again in range(2):
        services.erase_texts(name="account.closed", payload=payload, event_id=uuid4(), now=MONDAY)
    texts = {row.subject: row.text for row in SentChat.objects.all()}
    assert texts[mine.public_id] == ""
    assert "Olá, Maria!" in texts[other.public_id]


def test_after_a_season_it_is_forgotten() -> None:
    booked(at(10), phone=BIA)
    services.send_chat(key=due()[0].key, actor=STAFF, now=MONDAY)
    assert services.forget_old(now=MONDAY + timedelta(days=89)) == 0
    assert services.forget_old(now=MONDAY + timedelta(days=90)) == 1


def test_the_database_keeps_one_sending_of_a_message() -> None:
    row = {"occasion": "visit_soon", "subject": uuid4(), "about": MONDAY, "text": "x", "at": MONDAY}
    SentChat.objects.create(**row, actor_kind="staff", actor_id="1")
    with pytest.raises(IntegrityError, match="sentchat_once"):
        SentChat.objects.create(**row, actor_kind="staff", actor_id="2")


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_sending() -> None:
    booked(at(10), phone=BIA)
    key = due()[0].key
    sent = race(workers=4, work=lambda _n: services.send_chat(key=key, actor=STAFF, now=MONDAY))
    assert {chat.text for chat in sent} == {sent[0].text}
    assert sql.rows("SELECT count(*) FROM chats_sentchat", {}) == [(1,)]
