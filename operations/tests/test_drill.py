"""The race drill: a small one finds nothing, those with a bug in the shop find it, and no shop is drilled by mistake."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from common import locks
from inventory.tests.factories import stocked
from operations import scratch
from operations.drill import beside, chores, people, premises, report
from operations.drill.faults import NAMES
from operations.drill.gateway import DrillGateway
from operations.drill.running import DrillRefusedError, Plan, Report, hold
from operations.tests.competitors import no_lease
from orders.models import Order
from orders.tests.factories import ordered
from payments import selectors
from payments.gateways import registry
from scheduling.services import taking

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.timeout(240)]

NO_FAULTS: frozenset[str] = frozenset()


@pytest.fixture
def made_for_it() -> Iterator[None]:
    """The database of the tests may be drilled, for once."""
    name = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON DATABASE \"{name}\" IS '{scratch.MARK}'")
    yield
    connection.close()  # a drill ends sessions
    with connection.cursor() as cursor:
        cursor.execute(f'COMMENT ON DATABASE "{name}" IS NULL')


def broken(found: Report) -> set[str]:
    return {violation.claim for violation in found.violations}


@pytest.mark.fault("A2")
@pytest.mark.fault("C21")
def test_a_small_drill_with_everything_going_wrong_finds_nothing(made_for_it: None) -> None:
    found = hold(Plan(operations=500, clients=6, seed=7))
    assert found.violations == []
    ended = found.outcomes
    assert set(ended) == {"cart", *(name for name, _weight in people.CHORES if name != "forge")}
    assert all(ended[kind]["ok"] for kind in ("order", "begin", "pay", "tell", "book", "cancel", "refund", "confirm"))
    assert sum(counted["unknown"] for counted in ended.values()) > 0
    assert set(found.trouble) <= {"time", *NAMES}
    page = report.as_markdown(found)
    assert "**Nothing is wrong.**" in page
    assert f"{len(found.history.operations)} operations of 6 clients, seed 7" in page
    assert json.loads(report.as_json(found, with_history=True))["history"][0]["kind"] == "cart"


def test_refunds_that_nobody_adds_up_are_found(made_for_it: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the shop: the rule believes that all of it is left, and the trigger that knows better is asleep."""
    monkeypatch.setattr(selectors, "refundable", lambda *, order: order.paid)
    monkeypatch.setattr(people, "CHORES", (("order", 3), ("begin", 4), ("pay", 4), ("tell", 4), ("refund", 8)))
    with asleep("payments_refund_within_paid", table="payments_refund"):
        found = hold(Plan(operations=250, clients=4, faults=NO_FAULTS))
    assert {"no_over_refund", "examined"} <= broken(found)
    assert "violations.**" in report.as_markdown(found)


def test_a_time_that_nobody_locks_is_found(made_for_it: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in the shop: neither lease nor lock nor constraint, so what was judged free is taken twice.

    One person has one free hour a day, and a dozen judge at the same moment: two of them meet.
    """

    def careless(**_given: Any) -> dict[int, Any]:
        threading.Event().wait(0.5)
        return {}

    monkeypatch.setattr(locks, "lease", no_lease)
    monkeypatch.setattr(taking, "lock_time", careless)
    monkeypatch.setattr(people, "CHORES", (("book", 1),))
    monkeypatch.setattr(premises, "HOURS", range(9, 10))
    monkeypatch.setattr(premises, "PEOPLE", ("Ana",))
    with without_constraints("appointment_professional_time", "appointment_lane_time"):
        found = hold(Plan(operations=80, clients=12, faults=NO_FAULTS))
    assert "no_double_booking" in broken(found)


@contextmanager
def asleep(trigger: str, *, table: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


@contextmanager
def without_constraints(*names: str) -> Iterator[None]:
    table = "scheduling_appointment"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)", [list(names)]
        )
        found = dict(cursor.fetchall())
        assert set(found) == set(names)
        for name in names:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"TRUNCATE {table} CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")
        for name, definition in found.items():
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def test_a_shop_is_never_drilled() -> None:
    with pytest.raises(scratch.NoScratchError, match="is no database that was made for a drill"):
        hold(Plan(operations=1))
    assert Order.objects.count() == 0


def test_a_database_with_orders_is_not_drilled_either(made_for_it: None) -> None:
    stocked(sku="BOLO", units=1)
    ordered(units={"BOLO": 1})
    with pytest.raises(DrillRefusedError, match="orders here already"):
        hold(Plan(operations=1))


def test_the_gateways_of_the_shop_hear_nothing_of_a_drill(settings: Any) -> None:
    settings.PAYMENT_ACCESS = {"sandbox": {"url": "http://127.0.0.1:1", "key": "k", "secret": "s"}}
    settings.PAYMENT_GATEWAYS = {"pix": "sandbox", "card": "sandbox"}
    before = settings.PAYMENT_ACCESS
    assert [one.name for one in registry.all_remote()] == ["sandbox"]
    gateway = DrillGateway(seed=1, troubled=False)
    with chores.gateway_in_place(lambda: gateway):
        assert registry.all_remote() == [gateway]
        assert settings.PAYMENT_GATEWAYS == {"pix": "", "card": "drill"}
    assert ([one.name for one in registry.all_remote()], settings.PAYMENT_ACCESS) == (["sandbox"], before)


def drill(*words: str) -> str:
    out = StringIO()
    call_command("race_drill", *words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("words", "problem"),
    [(["--faults", "redis,fire"], "fire"), (["--clients", "65"], "64"), (["--operations", "0"], "64")],
)
def test_what_is_no_drill_is_refused(words: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem) as refusal:
        drill(*words)
    assert refusal.value.returncode == 2


def test_the_command_holds_its_drill_elsewhere_and_leaves_nothing(
    tmp_path: Path, made_beside: Callable[[], tuple[int, int]]
) -> None:
    found = json.loads(drill("--operations", "20", "--clients", "2", "--report", str(tmp_path / "drill"), "--json"))
    assert (found["ok"], found["operations"] >= 20, found["faults"]) == (True, True, sorted(NAMES))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drill.json", "drill.md"]
    assert (Order.objects.count(), made_beside()) == (0, (1, 0))


def test_where_the_judge_finds_something_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def hold_badly(plan: Plan, *, where: Path) -> dict[str, object]:
        where.with_suffix(".md").write_text("the page")
        return {"ok": False}

    monkeypatch.setattr(beside, "hold", hold_badly)
    with pytest.raises(CommandError, match=r"drill\.history\.json") as refusal:
        drill("--report", str(tmp_path / "drill"))
    assert refusal.value.returncode == 1
