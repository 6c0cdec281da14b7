"""The desk's page about the shop, as the owner sees it."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common import clock
from scheduling.selectors import stranded
from scheduling.tests import factories as make
from scheduling.tests.factories import MONDAY, at
from shop import services as shop
from shop.models import Holiday, OpeningHours, PolicyChange, ShopSettings
from shop.policy import DEFAULTS
from shop.tests.factories import NOW, OWNER, hours

pytestmark = pytest.mark.django_db

PAGE = "/admin/shop/shopsettings/1/change/"


def at_desk(role: str) -> Client:
    """A browser in which somebody of that role is signed in."""
    call_command("sync_roles", stdout=StringIO())
    shop.open_settings()
    user = User.objects.create_user(f"{role}@exemplo.com.br", name=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def desk() -> Client:
    return at_desk("owner")


def typed(answer: Any, **changes: Any) -> dict[str, Any]:
    """What a browser would send back: every field of the page as it stands, with some typed over."""
    page = answer.context
    form = page["adminform"].form
    sent: dict[str, Any] = {name: form[name].value() for name in form.fields}
    for wrapped in page["inline_admin_formsets"]:
        formset = wrapped.formset
        for part in (formset.management_form, *formset.forms):
            sent |= {part.add_prefix(name): part[name].value() for name in part.fields}
    return {name: value for name, value in (sent | changes).items() if value is not None}


def test_the_menu_leads_straight_to_the_one_page(desk: Client) -> None:
    OpeningHours.objects.all().delete()
    ShopSettings.objects.all().delete()

    answer = desk.get(reverse("admin:shop_shopsettings_changelist"))

    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert OpeningHours.objects.count() == 6
    assert desk.get(reverse("admin:shop_shopsettings_add")).status_code == 403


def test_saving_the_page_as_it_is_changes_nothing(desk: Client) -> None:
    answer = desk.post(PAGE, typed(desk.get(PAGE)))

    assert answer.status_code == 302
    assert shop.policy() == DEFAULTS
    assert PolicyChange.objects.count() == 0


def test_the_owner_changes_settings(desk: Client) -> None:
    changes = {
        "name": "Padaria da Ana",
        "document": "12.abc.345/01de-35",
        "whatsapp": "(11) 98765-4321",
        "payment_methods": ["on_site"],
        "transfer_hold_minutes": "60",
    }

    answer = desk.post(PAGE, typed(desk.get(PAGE), **changes))

    assert answer.status_code == 302
    policy = shop.policy()
    assert (policy.name, policy.document, policy.whatsapp) == ("Padaria da Ana", "12ABC34501DE35", "+5511987654321")
    assert (policy.payment_methods, policy.transfer_hold_minutes) == (("on_site",), 60)
    assert sorted(PolicyChange.objects.values_list("key", flat=True)) == sorted(changes)
    assert set(PolicyChange.objects.values_list("actor_kind", "door")) == {("staff", "admin")}


@pytest.mark.parametrize(
    "change",
    [
        {"transfer_hold_minutes": "0"},
        {"name": ""},
        {"timezone": "Marte/Olympus"},
        {"payment_methods": []},
        {"payment_methods": ["bitcoin"]},
        {"payment_methods": ["on_site", "card"]},
        {"pix_key": "banana"},
        {"whatsapp": "123"},
        {"document": "123"},
        {"currency": "R$"},
    ],
)
def test_what_the_page_does_not_take(desk: Client, change: dict[str, Any]) -> None:
    answer = desk.post(PAGE, typed(desk.get(PAGE), **change))

    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == list(change)
    assert shop.policy() == DEFAULTS


def test_the_shops_own_pix_needs_its_key(desk: Client) -> None:
    answer = desk.post(PAGE, typed(desk.get(PAGE), payment_methods=["on_site", "pix"]))
    assert list(answer.context["adminform"].form.errors) == ["pix_key"]
    key = {"pix_key": " Loja@Exemplo.com.br ", "pix_city": "Recife"}
    assert desk.post(PAGE, typed(desk.get(PAGE), payment_methods=["on_site", "pix"], **key)).status_code == 302
    policy = shop.policy()
    assert (policy.payment_methods, policy.pix_key) == (("on_site", "pix"), "loja@exemplo.com.br")


def test_the_owner_changes_the_week_and_the_days_off(desk: Client) -> None:
    page = desk.get(PAGE)
    sent = typed(page) | {
        "opening_hours-0-closes": "12:00",
        "opening_hours-5-DELETE": "on",
        "opening_hours-TOTAL_FORMS": "7",
        "opening_hours-6-weekday": "0",
        "opening_hours-6-opens": "14:00",
        "opening_hours-6-closes": "00:00",
        "holidays-TOTAL_FORMS": "1",
        "holidays-0-date": "2026-12-25",
        "holidays-0-name": "Natal",
    }

    answer = desk.post(PAGE, sent)

    assert answer.status_code == 302, answer.context["inline_admin_formsets"][0].formset.errors
    week = shop.policy().opening_hours
    assert week[:2] == (hours(0, "09:00", "12:00"), hours(0, "14:00", "00:00"))
    assert [row.weekday for row in week] == [0, 0, 1, 2, 3, 4]
    assert [(row.date.isoformat(), row.name) for row in Holiday.objects.all()] == [("2026-12-25", "Natal")]
    assert sorted(PolicyChange.objects.values_list("key", flat=True)) == ["holidays", "opening_hours"]

    page = desk.get(PAGE)
    desk.post(PAGE, typed(page) | {"holidays-0-DELETE": "on"})
    assert shop.policy().holidays == ()


def test_hours_that_clash_are_told_on_the_page(desk: Client) -> None:
    sent = typed(desk.get(PAGE)) | {
        "opening_hours-TOTAL_FORMS": "7",
        "opening_hours-6-weekday": "0",
        "opening_hours-6-opens": "17:00",
        "opening_hours-6-closes": "20:00",
    }

    answer = desk.post(PAGE, sent)

    assert answer.status_code == 200
    [told] = answer.context["inline_admin_formsets"][0].formset.non_form_errors()
    assert told.endswith("Segunda-feira 09:00–18:00, Segunda-feira 17:00–20:00")
    assert shop.policy() == DEFAULTS


def test_the_past_is_only_read(desk: Client) -> None:
    shop.set_policy(key="name", value="Padaria", actor=OWNER, now=NOW)
    change = PolicyChange.objects.get()

    assert desk.get(reverse("admin:shop_policychange_changelist")).status_code == 200
    path = reverse("admin:shop_policychange_change", args=[change.pk])
    assert desk.get(path).status_code == 200
    assert desk.post(path, {"new": "x"}).status_code == 403
    assert desk.post(reverse("admin:shop_policychange_delete", args=[change.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.fault("F14")
def test_the_counter_reads_the_page_and_changes_nothing() -> None:
    counter = at_desk("counter")

    assert counter.get(PAGE).status_code == 200
    assert counter.post(PAGE, {"name": "Minha"}).status_code == 403
    assert shop.policy() == DEFAULTS


def a_day_off(desk: Client, **more: str) -> Any:
    """Close the third of March, a Tuesday, and name the shop anew in the same breath."""
    sent = typed(desk.get(PAGE)) | {
        "name": "Barbearia do Caio",
        "holidays-TOTAL_FORMS": "1",
        "holidays-0-date": "2026-03-03",
        "holidays-0-name": "Reforma",
    }
    return desk.post(PAGE, sent | more)


def test_a_day_off_names_the_visits_of_that_day_before_anything_is_saved(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    make.salon()
    make.book(at(10), name="Rita")
    make.book(at(10, day=2), name="Rosa")

    asked = a_day_off(desk)

    shown = asked.content.decode()
    assert asked.status_code == 409
    assert ("Rita" in shown, "Rosa" in shown, 'value="Reforma"' in shown) == (True, False, True)
    assert shop.policy() == DEFAULTS
    assert PolicyChange.objects.count() == 0

    answer = a_day_off(desk, strand_anyway="1")

    assert answer.status_code == 302
    assert (shop.policy().name, len(shop.policy().holidays)) == ("Barbearia do Caio", 1)
    assert [visit.contact_name for visit in stranded(policy=shop.policy(), now=MONDAY)] == ["Rita"]
    [warning] = [str(message) for message in get_messages(answer.wsgi_request) if "Rita" in str(message)]
    assert "Rosa" not in warning


def test_a_day_off_on_which_nobody_comes_is_saved_at_once(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    make.salon()
    make.book(at(10, day=2))

    assert a_day_off(desk).status_code == 302
    assert [off.name for off in shop.policy().holidays] == ["Reforma"]


def test_another_time_zone_moves_the_working_hours_away_from_under_the_visits(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    make.salon()
    make.book(at(10), name="Rita")

    asked = desk.post(PAGE, typed(desk.get(PAGE), timezone="Asia/Tokyo"))

    assert (asked.status_code, "Rita" in asked.content.decode()) == (409, True)
    assert shop.policy().timezone == "America/Sao_Paulo"
