"""Reading and changing what the shop decided about itself."""

from dataclasses import asdict
from datetime import date, time
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from common.testing import race, statements
from shop import services as shop
from shop.errors import HoursClash, PolicyOutOfRange, UnknownPolicy
from shop.models import Holiday, OpeningHours, PolicyChange, ShopSettings
from shop.policy import DEFAULTS, KEYS, LIMITS, DayOff, OpenHours
from shop.tests.factories import NOW, OWNER, close_on, hours

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _settings_row(request: pytest.FixtureRequest) -> None:
    """A flush after a transactional test takes the first row along; each test begins with it again."""
    request.getfixturevalue("transactional_db" if request.node.get_closest_marker("race") else "db")
    shop.open_settings()


def test_a_new_shop_is_open_and_sells() -> None:
    assert shop.policy() == DEFAULTS
    assert ShopSettings.objects.count() == 1
    assert [(row.weekday, row.opens, row.closes) for row in OpeningHours.objects.all()] == [
        (weekday, time(9), time(18)) for weekday in range(6)
    ]


def test_a_shop_without_its_row_has_the_defaults_and_reading_writes_nothing() -> None:
    OpeningHours.objects.all().delete()
    ShopSettings.objects.all().delete()

    assert shop.policy() == DEFAULTS
    assert ShopSettings.objects.count() == 0


def test_the_first_write_creates_the_row_with_its_hours() -> None:
    OpeningHours.objects.all().delete()
    ShopSettings.objects.all().delete()

    shop.set_policy(key="name", value="Padaria da Ana", actor=OWNER, now=NOW)

    assert asdict(shop.policy()) == asdict(DEFAULTS) | {"name": "Padaria da Ana"}


def test_policy_is_one_statement_however_much_there_is() -> None:
    with statements() as before:
        shop.policy()
    close_on(days={date(2026, 12, day): f"Folga {day}" for day in range(1, 31)})
    shop.set_opening_hours(
        hours=[hours(day, f"{hour:02}:00", f"{hour:02}:30") for day in range(7) for hour in range(24)],
        actor=OWNER,
        now=NOW,
    )
    with statements() as after:
        policy = shop.policy()

    assert (len(before), len(after)) == (1, 1)
    assert (len(policy.opening_hours), len(policy.holidays)) == (168, 30)


def test_every_setting_of_the_row_is_in_the_policy() -> None:
    columns = {field.name for field in ShopSettings._meta.concrete_fields} - {"id"}

    assert columns == set(KEYS)
    assert set(LIMITS) <= set(KEYS)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("transfer_hold_minutes", "1", 1),
        ("transfer_hold_minutes", 30, 30),
        ("cart_hold_minutes", "0", 0),
        ("name", " Padaria da Ana ", "Padaria da Ana"),
        ("payment_methods", "on_site", ("on_site",)),
        ("payment_methods", "transfer, on_site,transfer", ("transfer", "on_site")),
        ("fulfilment_methods", ["pickup"], ("pickup",)),
        ("languages", "en", ("en",)),
        ("timezone", "America/Manaus", "America/Manaus"),
        ("whatsapp", "(11) 98765-4321", "+5511987654321"),
        ("whatsapp", "\u202a+55\u00a011 98765\u20114321\u202c", "+5511987654321"),
        ("document", "12.abc.345\u204401de\u201135", "12ABC34501DE35"),
        ("pix_key", "\u202a+55\u00a011 98765\u20114321\u202c", "+5511987654321"),
        ("pix_key", "\u200eloja@exemplo.com.br\ufeff", "loja@exemplo.com.br"),
        ("transfer_instructions", "Conta \u202a12345-6\u202c\nAgência 2", "Conta 12345-6\nAgência 2"),
        ("whatsapp", "", ""),
        ("document", "12.abc.345/01de-35", "12ABC34501DE35"),
        ("email", "Loja@Exemplo.com.br", "loja@exemplo.com.br"),
        ("transfer_instructions", "Banco 1\nAgência 2", "Banco 1\nAgência 2"),
    ],
)
def test_setting_a_policy(key: str, value: object, stored: object) -> None:
    shop.set_policy(key=key, value=value, actor=OWNER, now=NOW)

    assert asdict(shop.policy()) == asdict(DEFAULTS) | {key: stored}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("transfer_hold_minutes", "0"),
        ("transfer_hold_minutes", "43201"),
        ("transfer_hold_minutes", "9" * 400),
        ("transfer_hold_minutes", "-1"),
        ("transfer_hold_minutes", "1.5"),
        ("transfer_hold_minutes", "1_000"),
        ("transfer_hold_minutes", "１２"),
        ("transfer_hold_minutes", ""),
        ("transfer_hold_minutes", True),
        ("transfer_hold_minutes", None),
        ("cart_hold_minutes", "1441"),
        ("overlap_tolerance_minutes", "61"),
        ("name", ""),
        ("name", "x" * 121),
        ("payment_methods", ""),
        ("payment_methods", "bitcoin"),
        ("payment_methods", "card"),
        ("payment_methods", 7),
        ("fulfilment_methods", ["pickup", "delivery"]),
        ("languages", "fr"),
        ("timezone", "America/Sao Paulo"),
        ("currency", "brl"),
        ("currency", "REAL"),
        ("whatsapp", "123"),
        ("document", "123"),
        ("email", "loja"),
        ("transfer_instructions", "x" * 1001),
    ],
)
def test_what_a_policy_does_not_take(key: str, value: object) -> None:
    with pytest.raises(PolicyOutOfRange) as refused:
        shop.set_policy(key=key, value=value, actor=OWNER, now=NOW)

    assert refused.value.data["key"] == key
    assert refused.value.data["reasons"]
    assert shop.policy() == DEFAULTS
    assert PolicyChange.objects.count() == 0


@pytest.mark.parametrize("key", ["nonsense", "id", "pk", "opening_hours", "_state", ""])
def test_unknown_settings(key: str) -> None:
    with pytest.raises(UnknownPolicy):
        shop.set_policy(key=key, value="1", actor=OWNER, now=NOW)


def test_the_limits_are_the_databases_too() -> None:
    """The negative control: without the service, the constraints judge every limit, at both ends."""
    assert len(LIMITS) > 0
    for key, (least, greatest) in LIMITS.items():
        for value in (least, greatest):
            ShopSettings.objects.update(**{key: value})
        for value in {least - 1, greatest + 1} - {-1}:
            with pytest.raises(IntegrityError, match=f"shopsettings_{key}"), transaction.atomic():
                ShopSettings.objects.update(**{key: value})


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"payment_methods": []}, "shopsettings_payment_methods_known"),
        ({"payment_methods": ["bitcoin"]}, "shopsettings_payment_methods_known"),
        ({"fulfilment_methods": ["delivery"]}, "shopsettings_fulfilment_methods_known"),
        ({"fulfilment_methods": []}, "shopsettings_fulfilment_methods_known"),
        ({"languages": ["fr"]}, "shopsettings_languages_known"),
        ({"name": ""}, "shopsettings_has_name"),
        ({"currency": "brl"}, "shopsettings_currency_form"),
        ({"whatsapp": "11987654321"}, "shopsettings_whatsapp_e164"),
        ({"document": "abc"}, "shopsettings_document_form"),
        ({"id": 2}, "shopsettings_single_row"),
    ],
)
def test_the_database_refuses_odd_settings(values: dict[str, Any], constraint: str) -> None:
    OpeningHours.objects.all().delete()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ShopSettings.objects.update(**values)


def test_there_is_one_row() -> None:
    with pytest.raises(IntegrityError, match="shop_shopsettings_pkey"), transaction.atomic():
        ShopSettings.objects.bulk_create([ShopSettings(id=1)])
    with pytest.raises(IntegrityError, match="shopsettings_single_row"), transaction.atomic():
        ShopSettings.objects.bulk_create([ShopSettings(id=2)])


def test_changes_are_written_down_once() -> None:
    shop.set_policy(key="payment_methods", value="on_site", actor=OWNER, now=NOW)
    shop.set_policy(key="payment_methods", value="on_site", actor=OWNER, now=NOW)

    change = PolicyChange.objects.get()
    assert (change.key, change.old, change.new) == ("payment_methods", "on_site,transfer", "on_site")
    assert (change.actor_kind, change.actor_id, change.door, change.at) == ("staff", "1", "admin", NOW)


@pytest.mark.parametrize("sql", ["UPDATE shop_policychange SET new = '1'", "DELETE FROM shop_policychange"])
def test_what_was_written_down_stays(sql: str) -> None:
    shop.set_policy(key="cart_hold_minutes", value=5, actor=OWNER, now=NOW)

    with pytest.raises(DatabaseError, match="may not be changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert PolicyChange.objects.get().new == "5"


def test_several_settings_are_all_or_none() -> None:
    with pytest.raises(PolicyOutOfRange):
        shop.set_policies(values={"cart_hold_minutes": 5, "cart_ttl_hours": 0}, actor=OWNER, now=NOW)

    assert shop.policy() == DEFAULTS


def test_opening_hours_are_replaced_as_a_whole() -> None:
    week = [hours(6, "22:00", "00:00"), hours(0, "08:00", "12:00"), hours(0, "12:00", "18:00")]

    shop.set_opening_hours(hours=week, actor=OWNER, now=NOW)
    shop.set_opening_hours(hours=list(reversed(week)), actor=OWNER, now=NOW)

    assert shop.policy().opening_hours == (week[1], week[2], week[0])
    assert PolicyChange.objects.get().new == "0 08:00-12:00, 0 12:00-18:00, 6 22:00-00:00"
    shop.set_opening_hours(hours=[], actor=OWNER, now=NOW)
    assert shop.policy().opening_hours == ()


def test_hours_that_change_stay_the_row_they_were() -> None:
    shop.set_opening_hours(hours=[hours(0, "08:00", "12:00"), hours(0, "13:00", "18:00")], actor=OWNER, now=NOW)
    rows = list(OpeningHours.objects.order_by("opens").values_list("pk", flat=True))

    week = [hours(0, "08:00", "14:00"), hours(0, "14:00", "18:00"), hours(1, "08:00", "12:00")]
    shop.set_opening_hours(hours=week, actor=OWNER, now=NOW)

    assert list(OpeningHours.objects.filter(weekday=0).order_by("opens").values_list("pk", flat=True)) == rows
    assert shop.policy().opening_hours == tuple(week)


@pytest.mark.parametrize(
    "week",
    [
        [hours(0, "09:00", "12:00"), hours(0, "11:59", "14:00")],
        [hours(0, "09:00", "12:00"), hours(0, "09:00", "12:00")],
        [hours(0, "22:00", "00:00"), hours(0, "23:00", "23:30")],
        [hours(0, "12:00", "09:00")],
        [hours(0, "12:00", "12:00")],
        [hours(0, "09:00:30", "12:00")],
    ],
)
def test_hours_that_do_not_fit(week: list[OpenHours]) -> None:
    with pytest.raises(HoursClash):
        shop.set_opening_hours(hours=week, actor=OWNER, now=NOW)

    assert shop.policy() == DEFAULTS
    OpeningHours.objects.all().delete()
    with pytest.raises(IntegrityError, match="openinghours_"), transaction.atomic():
        OpeningHours.objects.bulk_create(
            OpeningHours(shop_id=1, weekday=row.weekday, opens=row.opens, closes=row.closes) for row in week
        )


def test_holidays_are_replaced_as_a_whole() -> None:
    close_on(days={date(2026, 12, 25): "Natal", date(2027, 1, 1): " Ano Novo "})
    close_on(days={date(2026, 12, 25): "Natal"})

    assert shop.policy().holidays == (DayOff(day=date(2026, 12, 25), name="Natal"),)
    assert Holiday.objects.count() == 1
    assert PolicyChange.objects.count() == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_first_writes_make_one_row() -> None:
    OpeningHours.objects.all().delete()
    ShopSettings.objects.all().delete()

    results = race(
        workers=8,
        work=lambda number: shop.set_policy(key="cart_hold_minutes", value=number, actor=OWNER, now=NOW),
    )

    assert results == list(range(8))
    assert ShopSettings.objects.count() == 1
    assert OpeningHours.objects.count() == 6
    kept = list(PolicyChange.objects.order_by("pk").values_list("old", "new"))
    assert all(before[1] == after[0] for before, after in pairwise(kept))
    assert len(kept) == 8
