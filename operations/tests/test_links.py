"""Links to orders and visits: the shop replaces them, they end some time after the last thing that happened."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient
from time_machine import Traveller

from accounts.tests.doors import get, ok, post, refused
from backoffice.tests.desk import at_desk, messages_of
from common import outbox
from common.testing import Lines
from inventory.tests.factories import MONDAY
from operations.tests.mixed import the_order
from orders import services as orders
from orders.access import token_of
from orders.models import Order
from orders.tests.factories import ALL, stocked
from scheduling import services as scheduling
from scheduling.models import Appointment
from scheduling.tests.factories import at, booked, salon
from shop.services import set_policy
from shop.tests.factories import OWNER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(time_machine: Traveller) -> Traveller:
    """It is Monday; a salon sells cakes too."""
    time_machine.move_to(MONDAY, tick=False)
    stocked(sku="BOLO", units=2, price="40.00")
    salon()
    return time_machine


def relay() -> None:
    while outbox.relay(now=MONDAY):
        pass


def tokens(recipient: str) -> list[str]:
    """Return the tokens of every link that was sent to somebody."""
    bodies = [str(letter.body) for letter in mail.outbox if letter.to == [recipient]]
    return [token for body in bodies for token in re.findall(r"access_token=(\S+)", body)]


def ways(*, order: Order, visit: Appointment, token: str) -> dict[str, int]:
    """Return the status of everything that a link opens: API, pages, calendar file, verbs, payments."""
    client, api = Client(), APIClient()
    asked: dict[str, Any] = {
        f"/api/v1/orders/{order.number}/": api.get,
        f"/api/v1/orders/{order.number}/history/": api.get,
        f"/api/v1/orders/{order.number}/payments/": api.get,
        f"/api/v1/appointments/{visit.public_id}/": api.get,
        f"/api/v1/appointments/{visit.public_id}/calendar.ics": api.get,
        f"/orders/{order.number}/": client.get,
        f"/appointments/{visit.public_id}/": client.get,
    }
    return {path: ask(path, {"access_token": token}, follow=True).status_code for path, ask in asked.items()}


def test_a_replaced_link_opens_nothing_at_once_and_the_new_one_is_sent(
    log_lines: Lines, django_capture_on_commit_callbacks: Any
) -> None:
    order = the_order()
    visit = Appointment.objects.get()
    relay()
    of_order = token_of(order=order)
    assert of_order in tokens(order.contact.email)
    assert set(ways(order=order, visit=visit, token=of_order).values()) == {200}

    with django_capture_on_commit_callbacks(execute=True):
        orders.renew_link(number=order.number, access=ALL, now=MONDAY)

    assert set(ways(order=order, visit=visit, token=of_order).values()) == {404}
    for verb, body in (("cancel", {"reason": "x"}), ("reschedule-pickup", {"pickup_at": at(10).isoformat()})):
        refused(post(f"/orders/{order.number}/{verb}/", body, token=of_order), 404, "not_found")
    paying = post(f"/orders/{order.number}/payments/", {"method": "transfer"}, key="k", token=of_order)
    refused(paying, 404, "not_found")
    mail.outbox.clear()
    relay()
    [letter] = mail.outbox
    assert "Um novo link" in str(letter.subject)
    [new] = tokens(order.contact.email)
    assert set(ways(order=order, visit=visit, token=new).values()) == {200}
    assert ok(get(f"/orders/{order.number}/", token=new))["access_token"] == new
    assert [line["event"] for line in log_lines.of("security")].count("link_revoked") == 1


def test_the_links_of_its_visits_end_with_those_of_an_order() -> None:
    order = the_order()
    relay()
    visit = Appointment.objects.get()
    sent = tokens(order.contact.email)
    assert len(set(sent)) == 2
    orders.renew_link(number=order.number, access=ALL, now=MONDAY)
    for token in sent:
        assert APIClient().get(f"/api/v1/appointments/{visit.public_id}/", {"access_token": token}).status_code == 404


def test_a_letter_about_a_link_that_was_replaced_meanwhile_is_not_sent() -> None:
    order = the_order()
    visit = booked(at(15), email="bia@example.com", phone="")
    relay()
    mail.outbox.clear()
    for _twice in range(2):
        orders.renew_link(number=order.number, access=ALL, now=MONDAY)
        scheduling.renew_link(public_id=visit.public_id, now=MONDAY)
    relay()
    assert sorted(letter.to[0] for letter in mail.outbox) == sorted([order.contact.email, "bia@example.com"])


def test_a_visit_gets_a_new_link_without_a_new_version() -> None:
    visit = booked(at(15), email="bia@example.com", phone="")
    relay()
    [old] = tokens("bia@example.com")
    mail.outbox.clear()
    scheduling.renew_link(public_id=visit.public_id, now=MONDAY)
    relay()
    [letter], [new] = mail.outbox, tokens("bia@example.com")
    path = f"/api/v1/appointments/{visit.public_id}/"
    opened = [APIClient().get(path, {"access_token": token}).status_code for token in (old, new)]
    assert (opened, letter.attachments, Appointment.objects.get().version) == ([404, 200], [], visit.version)


def test_links_end_some_time_after_the_last_thing_that_happened(clock: Traveller) -> None:
    order = the_order()
    relay()
    visit = Appointment.objects.get()
    token = token_of(order=order)
    set_policy(key="link_days", value=30, actor=OWNER, now=MONDAY)
    last = visit.ends_at
    clock.move_to(last + timedelta(days=30) - timedelta(seconds=1), tick=False)
    assert set(ways(order=order, visit=visit, token=token).values()) == {200}
    clock.move_to(last + timedelta(days=30), tick=False)
    assert set(ways(order=order, visit=visit, token=token).values()) == {404}
    set_policy(key="link_days", value=0, actor=OWNER, now=MONDAY)
    assert set(ways(order=order, visit=visit, token=token).values()) == {200}


def test_a_new_link_lives_again(clock: Traveller) -> None:
    order = the_order()
    late = MONDAY + timedelta(days=400)
    clock.move_to(late, tick=False)
    assert get(f"/orders/{order.number}/", token=token_of(order=order)).status_code == 404
    orders.renew_link(number=order.number, access=ALL, now=late)
    token = token_of(order=Order.objects.get(number=order.number))
    assert ok(get(f"/orders/{order.number}/", token=token))["access_token"] == token


def test_the_shop_sends_a_new_link_from_the_page_of_the_order() -> None:
    order = the_order()
    desk = at_desk(role="counter")
    page = reverse("admin:orders_order_do_renew_link", args=[order.pk])
    assert page in desk.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert desk.get(page).status_code == 200
    assert Order.objects.get().link_version == 1
    answer = desk.post(page, follow=True)
    assert order.contact.email in messages_of(answer)[0]
    assert "02/03/2026" in answer.content.decode()
    assert Order.objects.get().link_version == 2
    assert LogEntry.objects.get().object_repr == f"orders.order {order.pk}"


def test_the_shop_sends_a_new_link_from_the_page_of_the_visit() -> None:
    visit = booked(at(15), email="bia@example.com", phone="")
    desk = at_desk(role="counter")
    page = reverse("admin:scheduling_appointment_renew_link", args=[visit.pk])
    assert page in desk.get(reverse("admin:scheduling_appointment_change", args=[visit.pk])).content.decode()
    assert desk.get(page).status_code == 200
    assert "bia@example.com" in messages_of(desk.post(page, follow=True))[0]
    assert Appointment.objects.get().link_version == 2
    Appointment.objects.update(contact_email="")
    shown = messages_of(desk.post(page, follow=True))[0]
    link = re.search(r"(/appointments/\S+?)</b>", shown)
    assert link
    assert Client().get(link[1].replace("&amp;", "&"), follow=True).status_code == 200
    assert at_desk(role="professional").get(page).status_code == 403


def test_a_stranger_renews_nothing() -> None:
    order = the_order()
    assert Client().post(reverse("admin:orders_order_do_renew_link", args=[order.pk])).status_code == 302
    assert Order.objects.get().link_version == 1
