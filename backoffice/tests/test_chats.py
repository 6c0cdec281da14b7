"""Today's messages at the desk: the list, the click that remembers, and the words."""

from typing import Any

import pytest
from django.test import Client
from time_machine import Traveller

from backoffice.tests.desk import at_desk, messages_of, text_of
from backoffice.tests.pages import fields_of
from chats.models import ChatTemplate, SentChat
from common.testing import statements
from scheduling import services as scheduling
from scheduling.tests.factories import MONDAY, STAFF, at, booked, salon

pytestmark = pytest.mark.django_db

PAGE, SEND, SENT, WORDS = (f"/admin/chats/{name}" for name in ("", "send/", "sent/", "words/"))


@pytest.fixture(autouse=True)
def shop(time_machine: Traveller) -> None:
    time_machine.move_to(MONDAY, tick=False)
    salon()


def row_of(client: Client) -> dict[str, Any]:
    (row,) = client.get(PAGE).context["rows"]
    key = row["chat"].key
    return {"occasion": key.occasion, "subject": str(key.subject), "about": row["about"]}


def test_one_click_opens_whatsapp_and_is_remembered() -> None:
    booked(at(10), phone="+5511988887777", name="Bia Reis", email="")
    client = at_desk(role="counter", name="Caio Balcão")
    page = text_of(client.get(PAGE))
    assert "Lembrete da visita" in page
    assert "+55 11 98888-7777" in page

    opened = client.post(SEND, row_of(client))
    assert 'http-equiv="refresh" content="0;url=https://wa.me/5511988887777?text=Ol%C3%A1' in text_of(opened)
    assert "Ninguém a avisar agora." in text_of(client.get(PAGE))
    sent = text_of(client.get(SENT))
    assert "Caio Balcão, às 09:00" in sent
    assert "Olá, Bia!" in sent

    back = client.post(f"{SENT}{SentChat.objects.get().pk}/take-back/", follow=True)
    assert messages_of(back) == ["Voltou para a lista."]
    assert len(client.get(PAGE).context["rows"]) == 1


def test_what_is_not_due_any_more_says_so() -> None:
    visit = booked(at(10), phone="+5511988887777")
    client = at_desk(role="counter")
    row = row_of(client)
    scheduling.cancel(public_id=visit.public_id, actor=STAFF, now=MONDAY)
    answer = client.post(SEND, row, follow=True)
    assert messages_of(answer) == [
        "Esta mensagem não é mais necessária: algo mudou nesse meio-tempo. Nada foi anotado."
    ]
    assert client.post(f"{SENT}99/take-back/").status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"occasion": "x"},
        {"subject": "x"},
        {"about": "x"},
        {"about": "2026-03-03T10:00"},
        {"about": ""},
        {"about": "2026-02-30T10:00:00-03:00"},
        {"about": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_a_row_that_is_not_ours_is_not_found(change: dict[str, str]) -> None:
    booked(at(10), phone="+5511988887777")
    client = at_desk(role="counter")
    assert client.post(SEND, {**row_of(client), **change}).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "x", "99999999999", "²"])
def test_odd_pages_are_the_first_or_an_empty_one(number: str) -> None:
    assert at_desk(role="counter").get(PAGE, {"page": number}).status_code == 200


def test_the_page_takes_a_fixed_number_of_statements() -> None:
    client = at_desk(role="counter")
    counts = []
    for minute in (0, 30):
        for hour in (10, 11, 12):
            booked(at(hour, minute), phone=f"+55119888{hour}{minute:03}", email=f"{hour}{minute}@example.com")
        client.get(PAGE)
        with statements() as seen:
            client.get(PAGE)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12


def test_the_owner_changes_the_words_and_sees_them_first() -> None:
    client = at_desk(role="owner")
    address = f"{WORDS}visit_soon/"
    form = client.get(address)
    typed = {**fields_of(form), "pt-br": "Oi {nome}, até amanhã na {loja}!"}
    look = client.post(address, {**typed, "look": "1"})
    assert "Oi Bia, até amanhã na" in text_of(look)
    assert not ChatTemplate.objects.exists()

    assert client.post(address, typed).status_code == 302
    assert ChatTemplate.objects.get().text == "Oi {nome}, até amanhã na {loja}!"
    assert "texto seu" in text_of(client.get(WORDS))

    stale = client.post(address, {**typed, "pt-br": "Outra coisa"})
    assert stale.status_code == 409
    assert "Outra coisa" in text_of(stale)
    again = client.post(address, {**fields_of(stale), "ours": "1"})
    assert again.status_code == 302
    assert not ChatTemplate.objects.exists()


def test_an_unknown_name_is_refused_beside_its_field() -> None:
    client = at_desk(role="owner")
    address = f"{WORDS}order_ready/"
    answer = client.post(address, {**fields_of(client.get(address)), "pt-br": "Olá, {quem}"})
    assert answer.status_code == 400
    assert answer.context["form"].errors["pt-br"][0].startswith("{quem} não existe aqui.")
    assert "Olá, {quem}" in text_of(answer)
    assert client.get(f"{WORDS}birthday/").status_code == 404


def test_only_those_who_may_come_in() -> None:
    professional, counter = at_desk(role="professional"), at_desk(role="counter")
    assert professional.get(PAGE).status_code == 403
    assert professional.post(SEND, {}).status_code == 403
    assert counter.get(WORDS).status_code == 403
    assert counter.post(f"{WORDS}visit_soon/", {}).status_code == 403
