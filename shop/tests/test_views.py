"""GET /shop/ over HTTP."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from common import clock
from common.testing import statements
from shop import services as shop
from shop.tests.factories import NOW, OWNER, close_on, hours

pytestmark = pytest.mark.django_db

URL = "/api/v1/shop/"


def test_the_shop() -> None:
    today = clock.now().astimezone(ZoneInfo("America/Sao_Paulo")).date()
    shop.set_opening_hours(hours=[hours(0, "09:00", "18:00"), hours(6, "20:00", "00:00")], actor=OWNER, now=NOW)
    close_on(days={today + timedelta(days=40): "Folga", date(2020, 1, 1): "Passado"})
    shop.set_policies(
        values={"whatsapp": "+5511987654321", "document": "11222333000181", "transfer_instructions": "Pix: ana"},
        actor=OWNER,
        now=NOW,
    )

    with statements() as ran:
        answer = APIClient().get(URL)

    assert len(ran) == 1
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "name": "Balcão",
        "timezone": "America/Sao_Paulo",
        "today": today.isoformat(),
        "currency": "BRL",
        "languages": ["pt-BR", "en"],
        "payment_methods": ["on_site", "transfer"],
        "fulfilment_methods": ["pickup"],
        "opening_hours": [
            {"weekday": 0, "opens": "09:00", "closes": "18:00"},
            {"weekday": 6, "opens": "20:00", "closes": "00:00"},
        ],
        "holidays": [{"date": (today + timedelta(days=40)).isoformat(), "name": "Folga"}],
        "cut_offs": {
            "order_cancel_minutes": 60,
            "pickup_lead_minutes": 120,
            "pickup_horizon_days": 14,
            "appointment_lead_minutes": 120,
            "appointment_horizon_days": 60,
            "appointment_cancel_minutes": 60,
            "appointment_reschedule_minutes": 60,
        },
        "whatsapp": "+5511987654321",
        "email": None,
        "address": None,
        "look": {
            "colour": None,
            "colour_dark": None,
            "logo": None,
            "cover": None,
            "welcome": None,
            "about": None,
            "footer": None,
            "notice": None,
            "has_featured": False,
        },
    }


def test_unchanged_shop_is_not_sent_again() -> None:
    client = APIClient()
    etag = client.get(URL)["ETag"]

    again = client.get(URL, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)

    shop.set_policy(key="name", value="Padaria da Ana", actor=OWNER, now=NOW)
    changed = client.get(URL, HTTP_IF_NONE_MATCH=etag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Padaria da Ana")


def test_only_reading() -> None:
    answer = APIClient().post(URL, {})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_a_stale_login_does_not_shut_the_window() -> None:
    assert APIClient().get(URL, HTTP_AUTHORIZATION="Bearer rubbish").status_code == 200
