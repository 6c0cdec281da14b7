"""Drawers, tips, commissions and second steps: what of them is written down, and that nobody who sells waits for it."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import connection
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.services import factors
from accounts.tests import factories as accounts
from audit.models import Entry
from commissions import services as commissions
from commissions.tests.factories import rule
from common.transactions import unit_of_work
from counter.tests.factories import MONDAY, STAFF, cash, goods, sell
from inventory.tests.factories import stocked
from operations.integrity import CHECKS, examine
from scheduling.tests import factories as agenda
from till import services as till
from till.models import CashMovement, TillSession

pytestmark = pytest.mark.django_db(transaction=True)

MOVE = """
    INSERT INTO till_cashmovement (public_id, session_id, kind, amount, reason, actor_kind, actor_id, door, at)
    VALUES (gen_random_uuid(), %s, 'out', 5, 'Maria wanted it', 'staff', '7', 'admin', now())
"""


def written(*tables: str) -> list[tuple[str, str, bool]]:
    """Return what was written down of some tables."""
    found = Entry.objects.filter(table_name__in=tables).order_by("pk")
    return [(entry.table_name, entry.action, entry.by_hand) for entry in found]


def sound() -> bool:
    """Say whether all that was written down is as it was, and the rows as it says."""
    checks = [check for check in CHECKS if check.name.startswith("audit.")]
    return not examine(now=MONDAY, checks=checks).findings


@pytest.fixture
def drawer() -> TillSession:
    return till.open_session(till=None, opening_float=Decimal("50.00"), actor=STAFF, now=MONDAY)


def test_a_sale_writes_nothing_down_of_its_drawer(drawer: TillSession) -> None:
    stocked(sku="BREAD", units=9, price="10.00")
    sell(cash("10.00"), goods=goods(BREAD=1))
    till.move_cash(
        session=drawer.public_id, kind="in", amount=Decimal(5), reason="Troco", anybodys=False, actor=STAFF, now=MONDAY
    )
    tables = ("till_tillsession", "till_cashmovement", "payments_tip", "counter_receipt", "commissions_commissionentry")
    assert written(*tables) == []
    assert sound()


def test_cash_that_is_taken_by_sql_is_told_of_its_drawer(
    drawer: TillSession, operator: psycopg.Connection[Any]
) -> None:
    operator.execute(MOVE, [drawer.pk])
    entry = Entry.objects.get(table_name="till_cashmovement")
    assert (entry.subject, entry.action, entry.by_hand) == (f"till_tillsession:{drawer.pk}", "insert", True)
    assert (entry.after["amount"], entry.after["kind"]) == (5, "out")
    assert "Maria" not in str(entry.after)
    operator.execute("UPDATE till_till SET active = false")
    told = Entry.objects.filter(table_name="till_till").latest("pk")
    assert (told.before, told.after, told.by_hand) == ({"active": True}, {"active": False}, True)
    assert sound()


def test_what_lies_in_one_drawer_is_written_down_side_by_side(
    drawer: TillSession, operator: psycopg.Connection[Any]
) -> None:
    """Each row is a chain of its own: who writes into a drawer waits for nobody who has written into it."""
    operator.execute("SET lock_timeout = '100ms'")
    with unit_of_work(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL balcao.door = ''")
        cursor.execute(MOVE, [drawer.pk])
        operator.execute(MOVE, [drawer.pk])
    assert [seq for (seq,) in Entry.objects.filter(table_name="till_cashmovement").values_list("seq")] == [1, 1]
    assert CashMovement.objects.count() == 2
    assert sound()


def test_a_rule_of_commissions_and_its_end_are_told(operator: psycopg.Connection[Any]) -> None:
    made = rule(agenda.professional(name="Bia"))
    assert written("commissions_commissionrule") == []
    commissions.end_rule(rule_id=made.public_id, last_day=MONDAY.date(), now=MONDAY)
    assert written("commissions_commissionrule") == [("commissions_commissionrule", "update", False)]
    with operator.transaction():
        operator.execute("ALTER TABLE commissions_commissionrule DISABLE TRIGGER commissions_commissionrule_frozen")
        operator.execute("UPDATE commissions_commissionrule SET percent = 90 WHERE id = %s", [made.pk])
        operator.execute("ALTER TABLE commissions_commissionrule ENABLE TRIGGER commissions_commissionrule_frozen")
    last = Entry.objects.filter(table_name="commissions_commissionrule").latest("pk")
    assert (last.before, last.after, last.by_hand) == ({"percent": 40}, {"percent": 90}, True)
    assert sound()


def test_a_second_step_is_told_without_its_secret(operator: psycopg.Connection[Any]) -> None:
    login = accounts.user(email="ana@example.com")
    app = TOTPDevice(user=login, name="app")
    with unit_of_work():
        app.save()
    app.throttling_failure_count = 3
    app.save()
    assert written("otp_totp_totpdevice") == [("otp_totp_totpdevice", "insert", False)]
    operator.execute("UPDATE otp_totp_totpdevice SET key = %s WHERE id = %s", ["0f" * 20, app.pk])
    planted = Entry.objects.filter(table_name="otp_totp_totpdevice").latest("pk")
    assert (planted.subject, planted.unsaid, planted.after) == (f"accounts_user:{login.pk}", ["key"], {})
    factors.remove_factors(user=login, actor=STAFF, now=MONDAY)
    gone = Entry.objects.filter(table_name="otp_totp_totpdevice").latest("pk")
    assert (gone.action, gone.by_hand) == ("delete", False)
    assert app.key not in str(list(Entry.objects.values()))
    assert sound()


def test_a_right_that_comes_to_mean_another_is_told(operator: psycopg.Connection[Any]) -> None:
    operator.execute("UPDATE auth_permission SET codename = 'rule_the_world' WHERE codename = 'view_till'")
    operator.execute("UPDATE auth_permission SET codename = 'view_till' WHERE codename = 'rule_the_world'")
    assert written("auth_permission") == [("auth_permission", "update", True)] * 2
