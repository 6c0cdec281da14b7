"""Every kind of page in a real browser, on a desk and on a phone: axe finds nothing serious, nothing scrolls sideways."""

from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from accounts.models import Customer
from accounts.tests import factories as people
from catalog.models import Category, Product
from common import clock
from common.access import access_token
from inventory.models import StockItem
from operations.tests.chromium import Tab
from operations.tests.clerk import Clerk
from operations.tests.looking import flaws
from operations.tests.scenarios import MONDAY, World, open_for_business
from payments.models import Payment
from scheduling.models import Appointment, Professional, Room, Service
from scheduling.tests import factories as agenda
from window import built

pytestmark = [pytest.mark.browser, pytest.mark.smoke, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

WIDTHS = (1440, 390)
SETTLED = """
new Promise((done) => {
  const calendar = document.getElementById("agenda-calendar");
  const began = Date.now();
  const look = () => (!calendar || calendar.querySelector(".ec-event, .ec-bg-event") || Date.now() - began > 5000)
    ? done(Boolean(!calendar || calendar.querySelector(".ec-event, .ec-bg-event"))) : setTimeout(look, 50);
  look();
})
"""

COMPLAINTS = """
[...document.querySelectorAll(".desk-problems li, .errornote")]
  .filter((one) => one.checkVisibility()).map((one) => one.innerText.trim())
"""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    call_command("sync_roles", stdout=StringIO())
    people.customer(name="Maria Aparecida dos Santos")
    opened = open_for_business()
    agenda.booked(agenda.at(15, day=0))
    return opened


def pages_of_the_desk(world: World) -> list[str]:
    """A page of each kind: the first one, the agenda, lists, forms with something in them and empty ones, questions."""
    stock, order = StockItem.objects.order_by("pk")[0], world.orders["visit"]
    shown: dict[str, Any] = {
        "catalog_product": Product.objects.exclude(kind="service")[0],
        "catalog_category": Category.objects.order_by("pk")[0],
        "scheduling_service": Service.objects.order_by("pk")[0],
        "scheduling_professional": Professional.objects.order_by("pk")[0],
        "scheduling_room": Room.objects.order_by("pk")[0],
        "scheduling_appointment": Appointment.objects.get(pk=world.visits["booked"]),
        "orders_order": order,
        "payments_payment": Payment.objects.order_by("pk")[0],
        "inventory_stockitem": stock,
        "accounts_customer": Customer.objects.order_by("pk")[0],
    }
    lists = [*shown, "accounts_user", "inventory_stockmovement"]
    added = ("catalog_product", "scheduling_service", "scheduling_professional", "accounts_user")
    professional = reverse("admin:scheduling_professional_change", args=[shown["scheduling_professional"].pk])
    visit = shown["scheduling_appointment"].public_id
    return [
        reverse("admin:index"),
        reverse("agenda:page"),
        reverse("counter:page"),
        f"{reverse('agenda:page')}?visit={visit}",
        *(reverse(f"admin:{name}_changelist") for name in lists),
        *(reverse(f"admin:{name}_change", args=[row.pk]) for name, row in shown.items()),
        *(f"{professional}#{tab}" for tab in ("performed", "rules", "overrides", "time_off")),
        *(reverse(f"admin:{name}_add") for name in added),
        *(reverse(f"admin:inventory_stockitem_{name}", args=[stock.pk]) for name in ("do_count", "warn")),
        reverse("admin:shop_shopsettings_change", args=[1]),
        reverse("shelf:page"),
        reverse("desk-security"),
        reverse("desk-prove"),
    ]


def pages_of_a_customer(world: World) -> list[str]:
    order, visit = world.orders["pending"], Appointment.objects.get(pk=world.visits["booked"])
    of_order = access_token(kind="order", public_id=order.public_id)
    of_visit = access_token(kind="appointment", public_id=visit.public_id)
    return [
        f"{reverse('order-page', args=[order.number])}?access_token={of_order}",
        f"{reverse('appointment-page', args=[visit.public_id])}?access_token={of_visit}",
        reverse("account-sign-in"),
        reverse("admin_password_reset"),
    ]


def findings(tab: Tab, *, server: LiveServer, pages: list[str]) -> list[str]:
    found = []
    for page in pages:
        for width in WIDTHS:
            tab.open(server.url + page, width=width, afresh="#" in page)
            where = f"{page} at {width} px"
            if not tab.run(SETTLED):
                found.append(f"{where}: the calendar shows nothing")
            found += [f"{where}: {flaw}" for flaw in flaws(tab)]
    return found


def owner_cookie() -> str:
    owner = people.member()
    owner.groups.set(Group.objects.filter(name="owner"))
    client: Any = Client()
    client.force_login(owner)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_the_desk_is_open_to_everybody_on_every_screen(tab: Tab, world: World, live_server: LiveServer) -> None:
    tab.keep_cookie(name=settings.SESSION_COOKIE_NAME, value=owner_cookie(), url=live_server.url)
    found = findings(tab, server=live_server, pages=pages_of_the_desk(world))
    assert not found, "\n".join(found)


def test_a_customers_pages_are_open_to_everybody_on_every_screen(
    tab: Tab, world: World, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(built, "assets", built.Assets)  # where there is a window, they lead into it
    found = findings(tab, server=live_server, pages=pages_of_a_customer(world))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_wrong_with_a_page_is_said_once_to_everybody(
    tab: Tab, world: World, live_server: LiveServer, width: int
) -> None:
    tab.keep_cookie(name=settings.SESSION_COOKIE_NAME, value=owner_cookie(), url=live_server.url)
    product = Product.objects.exclude(kind="service")[0]
    tab.open(live_server.url + reverse("admin:catalog_product_change", args=[product.pk]), width=width)
    Product.objects.filter(pk=product.pk).update(description="Do dia.")
    clerk = Clerk(tab)
    clerk.click("[name=_save]")
    clerk.until("document.querySelector('.desk-problems') && document.readyState === 'complete'", why="the complaint")
    assert tab.run(COMPLAINTS) == ["Alguém salvou esta página enquanto ela estava aberta aqui. Nada foi salvo ainda."]
    assert flaws(tab) == []
