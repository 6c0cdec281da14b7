"""Every page of the desk shows and reads times in the shop's zone, whatever zone the server was set up with."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from time_machine import Traveller

from accounts.models import User
from accounts.tests import factories as people
from audit.models import Entry
from backoffice.tests.desk import at_desk, text_of
from common.testing import ASLEEP, AWAKE
from orders.tests.factories import ALL, MONDAY, STAFF, cancel, cart_with, hand_over, ordered, stocked
from payments import services as payments
from scheduling.models import Appointment, Professional, TimeOff
from scheduling.tests import factories as make
from shop import services as shop

ZONES = ["America/Manaus", "Asia/Tokyo"]
NOW = MONDAY.replace(minute=37)
"""Everything happens at this instant, so a page that shows a minute 37 must show one hour beside it."""


@pytest.fixture(params=ZONES)
def zone(request: Any, db: None, settings: Any, time_machine: Traveller) -> ZoneInfo:
    """A shop in another zone than the server's, in which something of everything has happened at NOW."""
    time_machine.move_to(NOW, tick=False)
    settings.SHOP_NOW = NOW
    there = ZoneInfo(request.param)
    shop.set_policy(key="timezone", value=request.param, actor=STAFF, now=NOW)
    stocked(sku="PAO", units=50, price="10.00")
    people.customer()
    ordered(units={"PAO": 1}, payment_method="transfer", now=NOW)
    handed = ordered(units={"PAO": 2}, now=NOW)
    payments.begin_payment(number=handed.number, method="on_site", access=ALL, actor=STAFF, now=NOW)
    hand_over(order=handed, now=NOW)
    paid = ordered(units={"PAO": 3}, payment_method="transfer", now=NOW)
    payments.confirm_order(number=paid.number, amount=paid.total, reference="TED", access=ALL, actor=STAFF, now=NOW)
    cancel(order=paid, now=NOW)
    cart_with(units={"PAO": 2}, now=NOW)
    salon = make.salon(names=["Bia"])
    make.booked(wall(there, 14, 45), who=salon.id("Bia"), actor=STAFF, now=NOW)
    away = {"starts_at": wall(there, 16, 45, day=2), "ends_at": wall(there, 17, 45, day=2)}
    TimeOff.objects.create(professional=salon.people["Bia"], **away)
    return there


def wall(zone: ZoneInfo, hour: int, minute: int, *, day: int = 1) -> datetime:
    """Return a wall-clock time of the shop, `day` days after NOW."""
    local = NOW.astimezone(zone).replace(hour=hour, minute=minute)
    return (local + timedelta(days=day)).astimezone(UTC)


def written_at(moment: datetime) -> None:
    """Put the trail's entries at that moment: they are written by the database's own clock, which no test moves."""
    with connection.cursor() as cursor:
        cursor.execute(ASLEEP)
        Entry.objects.update(at=moment)
        cursor.execute(AWAKE)


def pages() -> Iterator[str]:
    """The first page, every list, every row's page with its history."""
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for pk in model._default_manager.order_by("pk").values_list("pk", flat=True)[:10]:
            for page in ("change", "history"):
                try:
                    yield reverse(f"{name}_{page}", args=[pk])
                except NoReverseMatch:
                    continue


def hours_of(page: str, *, minute: int) -> set[int]:
    """Return the hours that stand before that minute on the page's readable part."""
    seen = re.sub(r"(?s)<script.*?</script>|<style.*?</style>", "", page)
    return {int(hour) for hour in re.findall(rf"\b(\d{{2}}):{minute}\b", seen)}


def test_every_page_shows_the_shops_time(zone: ZoneInfo) -> None:
    desk = Client()
    desk.force_login(
        User.objects.create_superuser("root@balcao.example", "uma-senha-bem-comprida", name="Root"),
    )
    written_at(NOW)
    seen = 0
    for page in pages():
        answer = desk.get(page, follow=True)
        assert answer.status_code == 200, page
        text = text_of(answer)
        happened = hours_of(text, minute=37)
        assert happened <= {NOW.astimezone(zone).hour}, page
        planned = hours_of(text, minute=45)
        assert planned <= {14, 16, 17}, page
        seen += bool(happened) + bool(planned)
    assert seen >= 15


def test_a_visit_is_named_by_the_shops_time(zone: ZoneInfo) -> None:
    visit = Appointment.objects.get()
    page = text_of(at_desk(role="owner").get(reverse("admin:scheduling_appointment_change", args=[visit.pk])))
    assert f"{visit.starts_at.astimezone(zone):%d/%m/%Y} 14:45" in page


def test_an_absence_typed_is_the_shops_time(zone: ZoneInfo) -> None:
    person, absence = Professional.objects.get(), TimeOff.objects.get()
    desk = at_desk(role="owner")
    page = reverse("admin:scheduling_professional_change", args=[person.pk])
    sent: dict[str, Any] = {"name": person.name, "position": 0, "is_active": "on"}
    for formset in desk.get(page).context["inline_admin_formsets"]:
        prefix = formset.formset.prefix
        sent |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    sent |= {
        "time_off-TOTAL_FORMS": "2", "time_off-INITIAL_FORMS": "1",
        "time_off-0-id": absence.pk, "time_off-0-professional": person.pk,
        "time_off-0-starts_at_0": f"{absence.starts_at.astimezone(zone):%d/%m/%Y}", "time_off-0-starts_at_1": "16:45",
        "time_off-0-ends_at_0": f"{absence.ends_at.astimezone(zone):%d/%m/%Y}", "time_off-0-ends_at_1": "17:45",
        "time_off-1-id": "", "time_off-1-professional": person.pk,
        "time_off-1-starts_at_0": "20/03/2026", "time_off-1-starts_at_1": "14:00",
        "time_off-1-ends_at_0": "20/03/2026", "time_off-1-ends_at_1": "15:00",
    }  # fmt: skip
    answer = desk.post(page, sent)
    assert answer.status_code == 302, answer.context["errors"]
    there = TimeOff.objects.exclude(pk=absence.pk).get()
    assert there.starts_at == datetime(2026, 3, 20, 14, 0, tzinfo=zone)
    assert TimeOff.objects.get(pk=absence.pk).starts_at == absence.starts_at


def test_filters_and_the_day_cut_at_the_shops_midnight(zone: ZoneInfo) -> None:
    visit = Appointment.objects.get()
    late = wall(zone, 23, 45).astimezone(zone)
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=late, ends_at=late + timedelta(minutes=10), blocked=(late, late + timedelta(minutes=10))
    )
    desk = at_desk(role="owner")
    for day, number in ((late, 1), (late + timedelta(days=1), 0), (late - timedelta(days=1), 0)):
        wanted = {"starts_at__year": day.year, "starts_at__month": day.month, "starts_at__day": day.day}
        answer = desk.get(reverse("admin:scheduling_appointment_changelist"), wanted)
        assert len(answer.context["cl"].result_list) == number, (zone, day)
