"""A shop's first day with nothing but the desk: opened, filled, sold at, ordered from, closed; each job measured.

Nobody types a command but the one that opens the shop. `make manual` writes what was measured into the owner's manual.
"""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from time_machine import Traveller

from accounts.models import User
from catalog.models import Variant
from commissions.models import CommissionEntry
from common import clock
from inventory.models import StockItem
from inventory.tests.factories import MONDAY
from operations.integrity import findings
from operations.tests.chromium import Tab
from operations.tests.walks.first_day import EMAIL, NAME, Day
from operations.tests.walks.person import Person
from orders.models import Order
from payments.models import Refund
from scheduling.models import Appointment, AvailabilityRule
from till.models import DayClose, TillSession

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(420)]

CLICKS = {1440: 50, 390: 62}
"""How many clicks the whole day may take, by the width of the screen."""
MINUTES = 3


@pytest.mark.parametrize("width", [pytest.param(1440, marks=pytest.mark.smoke), 390])
def test_from_an_empty_database_to_a_closed_day(
    width: int, tab: Tab, live_server: LiveServer, settings: Settings, time_machine: Traveller, tmp_path: Path,
    album: Path | None,
) -> None:  # fmt: skip
    settings.PUBLIC_URL = live_server.url
    time_machine.move_to(MONDAY, tick=True)
    assert not User.objects.exists()
    person = Person(tab, server=live_server.url, width=width, folder=tmp_path, album=album)
    day = Day(person)
    day.whole(link_of_a_new_shop())
    assert not person.faults, "\n".join(person.faults)
    print(table(day))  # noqa: T201 - for whoever runs it with -s
    if album is not None:
        (album / f"day-{width}.json").write_text(json.dumps(day.measured()))
    assert person.clicks <= CLICKS[width]
    assert person.seconds <= MINUTES * 60
    what_the_day_left_behind()


def link_of_a_new_shop() -> str:
    out = StringIO()
    call_command("open_shop", "--no-input", "--email", EMAIL, "--owner", NAME, stdout=out)
    return next(line for line in out.getvalue().splitlines() if "token=" in line)


def table(day: Day) -> str:
    rows = [f"{one.clicks:4} {one.seconds:5.0f} s  {one.name}" for one in day.done]
    whole = f"{day.person.clicks:4} {day.person.seconds:5.0f} s  o dia inteiro"
    return "\n".join(["", f"a {day.person.width} px: cliques, segundos", *rows, whole])


def what_the_day_left_behind() -> None:
    owner = User.objects.get()
    assert (owner.is_superuser, [group.name for group in owner.groups.all()]) == (False, ["owner"])
    assert Variant.objects.exclude(product__kind="service").count() == 5
    assert AvailabilityRule.objects.filter(professional__name="Ana Lima").exists()
    sale, order = Order.objects.order_by("pk")
    assert (sale.channel, sale.status, str(sale.total), str(sale.refunded)) == ("counter", "completed", "61.80", "0.90")
    assert (order.channel, order.status, order.payment_method) == ("phone", "confirmed", "pix")
    assert (str(order.total), str(order.paid)) == ("55.00", "55.00")
    assert Refund.objects.get().reason == "Pão amassado"
    assert sorted(Appointment.objects.values_list("contact_name", "state")) == [
        ("", "completed"), ("João Pereira", "confirmed"),
    ]  # fmt: skip
    assert sorted(str(entry.amount) for entry in CommissionEntry.objects.all()) == ["-0.35", "24.00"]
    assert StockItem.objects.get(variant__product__name="Pão francês").on_hand == 198
    assert not TillSession.objects.filter(closed_at=None).exists()
    assert DayClose.objects.get().day == MONDAY.date()
    assert findings(now=clock.now()) == []
