"""Who logs in for reports sees no person: not in rows, views, statistics or sequences; a professional, their own rows."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql

from config.tests.pooled_shop import DATABASE, Roles
from config.tests.test_readable import readable
from devstack import binaries, state, throwaway

pytestmark = [pytest.mark.servers, pytest.mark.timeout(900)]

LIMITED = {
    "scheduling_appointment": "professional_id = %(me)s",
    "scheduling_appointmentservice":
        "appointment_id IN (SELECT id FROM scheduling_appointment WHERE professional_id = %(me)s)",
    "commissions_commissionentry": "professional_id = %(me)s",
    "commissions_commissionpayout": "professional_id = %(me)s",
    "payments_tip": "professional_id = %(me)s",
}  # fmt: skip
PEOPLE = {
    "name": ("customers_customerrecord.name", "orders_ordercontact.name", "scheduling_appointment.contact_name"),
    "email": ("customers_customerrecord.email", "orders_ordercontact.email", "scheduling_appointment.contact_email",
              "accounts_user.email", "accounts_customer.email"),
    "phone": ("customers_customerrecord.phone", "orders_ordercontact.phone", "scheduling_appointment.contact_phone"),
    "document": ("customers_customerrecord.document", "orders_ordercontact.document"),
}  # fmt: skip
CANARY = {
    "name": "Quitéria Canário",
    "email": "quiteria@canario.example",
    "phone": "+5511955554321",
    "document": "52998224725",
}
SOLD = """
import django; django.setup()
from django.db.models import Count, Sum
from orders import selectors as orders
from reports.models import KeptDay
for day in KeptDay.objects.filter(kept_at__isnull=False).order_by("day"):
    placed = orders.sold(orders=orders.placed_between(starts_at=day.starts_at, ends_at=day.ends_at))
    found = placed.order_by().values_list("channel").annotate(count=Count("pk"), worth=Sum(orders.costs_now()))
    for channel, count, worth in sorted(found):
        print(day.day, channel, count, f"{worth:.2f}")
"""


@dataclass
class Shop:
    """A demonstration shop under these roles, with two professionals who have logins of their own."""

    roles: Roles
    environments: dict[str, dict[str, str]]
    me: int
    other: int
    sessions: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    def run(self, role: str, *words: str) -> str:
        """Run a program of the shop under a role and return what it says. Raises AssertionError."""
        done = subprocess.run(
            [sys.executable, *words], cwd=state.ROOT, env=self.environments[role], capture_output=True, text=True,
            check=False, timeout=400,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def asked(self, role: str, statement: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Return what a role gets for a statement, in a session that stays open: a role has few."""
        if role not in self.sessions:
            self.sessions[role] = psycopg.connect(self.roles.url(role), autocommit=True)
        return self.sessions[role].execute(statement, parameters).fetchall()

    def leave(self) -> None:
        """End these sessions."""
        while self.sessions:
            self.sessions.popitem()[1].close()

    def all(self, statement: Any, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Return what there is."""
        with psycopg.connect(self.roles.server.url, dbname=DATABASE, autocommit=True) as superuser:
            return superuser.execute(statement, parameters).fetchall()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with ExitStack() as stack:
        server, memory = stack.enter_context(throwaway.both())
        var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="balcao-reporting-")))
        roles = Roles(server)
        roles.apply()
        made = Shop(roles, {}, 0, 0)
        for role in ("owner", "app"):
            made.environments[role] = roles.environment(role, redis_url=memory.url, var=var)
        made.run("owner", "manage.py", "migrate", "--verbosity", "0")
        roles.apply()
        made.run("app", "manage.py", "seed_demo")
        made.me, made.other = (
            pk
            for (pk,) in made.all(
                "SELECT professional_id FROM scheduling_appointment GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 2"
            )
        )
        for professional in (made.me, made.other):
            roles.apply(professional=professional)
        with psycopg.connect(server.url, dbname=DATABASE, autocommit=True) as superuser:
            superuser.execute(
                "UPDATE customers_customerrecord SET (name, email, phone, document) ="
                " (%(name)s, %(email)s, %(phone)s, %(document)s) WHERE id = (SELECT min(id) FROM customers_customerrecord)",
                CANARY,
            )
            superuser.execute("ANALYZE")
        stack.callback(made.leave)
        yield made


def own(shop: Shop) -> str:
    return f"professional_{shop.me}"


def readable_by(shop: Shop, role: str) -> dict[str, list[str]]:
    """Return, by table or view of any schema but the catalogues, the columns that a role may read."""
    rows = shop.all(
        """
        SELECT format('%%I.%%I', nspname, relname), array_agg(attname::text ORDER BY attnum)
        FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE nspname !~ '^(pg_|information_schema)' AND relkind IN ('r', 'p', 'v', 'm', 'f') AND attnum > 0
          AND NOT attisdropped AND has_schema_privilege(%(role)s, pg_namespace.oid, 'USAGE')
          AND has_column_privilege(%(role)s, pg_class.oid, attnum, 'SELECT')
        GROUP BY 1 ORDER BY 1
        """,
        {"role": f"balcao_{role}"},
    )
    return dict(rows)


def test_reports_may_read_what_the_list_says_and_the_masks_alone(shop: Shop) -> None:
    found = readable_by(shop, "read")
    tables = {f"{name.removeprefix('public.')}.{column}" for name, columns in found.items() for column in columns
              if name.startswith("public.")}  # fmt: skip
    assert tables == readable()
    assert {name for name in found if not name.startswith("public.")} == {
        f"reporting.{view}" for view in ("buyers", "customers", "days", "professionals", "visitors")
    }
    mine = readable_by(shop, own(shop))
    assert {name.removeprefix("public.") for name in mine} == set(LIMITED)
    assert all(found[name] == columns for name, columns in mine.items())


def secrets_of(shop: Shop) -> set[str]:
    """Return the full names, mailboxes, phones and documents of everybody whom the shop knows."""
    found = set(CANARY.values())
    for columns in PEOPLE.values():
        for place in columns:
            table, column = place.split(".")
            found |= {
                text for (text,) in shop.all(
                    sql.SQL("SELECT DISTINCT {} FROM {}").format(sql.Identifier(column), sql.Identifier(table))
                ) if text and len(text) > 6
            }  # fmt: skip
    return found


@pytest.mark.parametrize("who", ["read", "own"])
def test_nothing_that_they_read_names_anybody(shop: Shop, who: str) -> None:
    role = own(shop) if who == "own" else who
    secrets, rows = secrets_of(shop), 0
    assert len(secrets) > 50
    named = re.compile("|".join(map(re.escape, sorted(secrets))), re.IGNORECASE)
    for name, columns in readable_by(shop, role).items():
        relation = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(*name.split("."))
        )
        for row in shop.asked(role, relation):
            rows += 1
            assert named.search(" ".join(map(str, row))) is None, (name, row)
    assert rows > 100


def test_masks_leave_what_tells_apart_and_no_more(shop: Shop) -> None:
    [found] = shop.asked(
        "read", "SELECT name, email, phone, document FROM reporting.customers ORDER BY customer_id LIMIT 1"
    )
    assert found == ("Q. C.", "q***@***", "+5511*******21", "*********25")
    for view in ("customers", "buyers", "visitors"):
        columns = ["name", "email", "phone", *(["document"] if view != "visitors" else [])]
        for row in shop.asked("read", f"SELECT {', '.join(columns)} FROM reporting.{view}"):
            masked = dict(zip(columns, row, strict=True))
            assert re.fullmatch(r"(\S\.( |$))*", masked["name"]), row
            assert re.fullmatch(r"(\S\*\*\*@\*\*\*)?", masked["email"]), row
            assert re.fullmatch(r"(.{5}\*{5,}\d\d|\**)", masked["phone"]), row
            assert re.fullmatch(r"(\*{9,}..)?", masked.get("document", "")), row
    asked = "SELECT reporting.masked_name(%s), reporting.masked_email(%s), reporting.masked_phone(%s), reporting.masked_document(%s)"
    assert shop.asked("read", asked, ("  Ana ", "ana@local", "5551234", "123")) == [
        ("A.", "a***@***", "*******", "***")
    ]
    assert shop.asked("read", asked, ("", "", "", "")) == [("", "", "", "")]


@pytest.mark.parametrize("who", ["read", "own"])
def test_statistics_and_sequences_tell_nothing_more(shop: Shop, who: str) -> None:
    role = own(shop) if who == "own" else who
    seen = {
        f"{table}.{column}"
        for table, column in shop.asked(role, "SELECT tablename, attname FROM pg_stats WHERE schemaname = 'public'")
    }
    assert seen <= readable()
    assert (len(seen) > 100) == (who == "read")
    assert not [name for name in seen if who == "own" and name.partition(".")[0] in LIMITED]
    assert shop.asked(role, "SELECT * FROM pg_stats_ext") == []
    assert shop.asked(role, "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL") == []
    for statement in (
        "SELECT * FROM customers_customerrecord_id_seq", "SELECT * FROM pg_statistic", "SELECT * FROM pg_authid",
        "SELECT * FROM pg_largeobject", "SELECT pg_read_file('postgresql.conf')", "TABLE customers_customerrecord",
    ):  # fmt: skip
        with pytest.raises(errors.InsufficientPrivilege):
            shop.asked(role, statement)


def test_nobody_acts_as_somebody_who_may_more(shop: Shop) -> None:
    for role in ("read", own(shop)):
        for statement in ("SET ROLE balcao_app", "SET ROLE balcao_owner", "SET SESSION AUTHORIZATION balcao_owner",
                          f"SET ROLE balcao_professional_{shop.other}", "CREATE TEMPORARY TABLE mine (id int)",
                          "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"):  # fmt: skip
            with psycopg.connect(shop.roles.url(role), autocommit=True) as session:
                session.execute("SET default_transaction_read_only = off")
                with pytest.raises(errors.InsufficientPrivilege):
                    session.execute(statement)
    definers = (
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND pronamespace <> 'pg_catalog'::regnamespace"
        " AND prorettype <> 'trigger'::regtype"
    )
    assert shop.all(definers) == []  # no function that can be called lends its owner's eyes


def test_a_professional_sees_their_own_rows_alone(shop: Shop) -> None:
    for table, condition in LIMITED.items():
        columns = readable_by(shop, own(shop))[f"public.{table}"]
        chosen = sql.SQL("SELECT {} FROM {}").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
        )
        order = sql.SQL(" ORDER BY id")
        mine = shop.all(chosen + sql.SQL(" WHERE " + condition) + order, {"me": shop.me})
        everybody = shop.all(chosen + order)
        assert shop.asked(own(shop), chosen + order) == mine, table
        assert shop.asked("read", chosen + order) == everybody, table
        if table.startswith("scheduling"):
            assert 0 < len(mine) < len(everybody)
    theirs = shop.asked(f"professional_{shop.other}", "SELECT DISTINCT professional_id FROM scheduling_appointment")
    assert theirs == [(shop.other,)]
    with psycopg.connect(shop.roles.url(own(shop)), autocommit=True) as session:
        session.execute("SET ROLE balcao_professional")
        assert session.execute("SELECT DISTINCT professional_id FROM scheduling_appointment").fetchall() == [(shop.me,)]


def test_a_condition_of_theirs_is_asked_of_no_other_row(shop: Shop) -> None:
    """It would fail on the first row of the other professional, and so tell that there is one."""
    leak = "SELECT count(*) FROM scheduling_appointment WHERE 1 / (professional_id - %(other)s) IS NOT NULL"
    assert shop.asked(own(shop), leak, {"other": shop.other})[0][0] > 0
    with pytest.raises(errors.DivisionByZero):
        shop.asked("read", leak, {"other": shop.other})  # who sees all rows


def test_what_is_new_is_nobodys_but_the_shops(shop: Shop) -> None:
    with psycopg.connect(shop.roles.url("owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE orders_novelty AS SELECT 1 AS id")
        owner.execute("ALTER TABLE catalog_category ADD COLUMN novelty text NOT NULL DEFAULT ''")
        try:
            shop.roles.apply()
            for role in ("read", own(shop)):
                for statement in ("SELECT id FROM orders_novelty", "SELECT novelty FROM catalog_category"):
                    with pytest.raises(errors.InsufficientPrivilege):
                        shop.asked(role, statement)
            assert shop.asked("app", "SELECT id FROM orders_novelty") == [(1,)]
        finally:
            owner.execute("DROP TABLE orders_novelty")
            owner.execute("ALTER TABLE catalog_category DROP COLUMN novelty")


def test_the_shop_in_service_pays_nothing(shop: Shop) -> None:
    """Its plans are those of somebody for whom there are no policies, and it sees and writes every row."""
    for table in LIMITED:
        assert shop.asked("app", "SELECT row_security_active(%s)", (table,)) == [(False,)]
        assert shop.asked(own(shop), "SELECT row_security_active(%s)", (table,)) == [(True,)]
    for statement in (
        "SELECT * FROM scheduling_appointment WHERE professional_id = 1 AND starts_at >= now() ORDER BY starts_at",
        (
            "SELECT * FROM scheduling_appointment visit JOIN scheduling_appointmentservice part"
            " ON part.appointment_id = visit.id WHERE visit.state = 'confirmed' AND lower(part.name) LIKE 'c%%'"
        ),
        "UPDATE scheduling_appointment SET note = '' WHERE id = 1",
    ):
        explained = "EXPLAIN (COSTS OFF) " + statement
        assert shop.asked("app", explained, ()) == shop.all(explained, ())
    assert shop.asked("app", "SELECT count(*) FROM scheduling_appointment") == shop.all(
        "SELECT count(*) FROM scheduling_appointment"
    )


def test_days_are_what_the_rows_say_until_a_row_changes(shop: Shop) -> None:
    shop.run("app", "-c", "import django; django.setup(); from reports.tasks import keep_days; keep_days()")
    shop.run("app", "-c", "import django; django.setup(); from reports.tasks import keep_days; keep_days()")
    days = "SELECT day::text, key, count, amount::text FROM reporting.days WHERE what = 'sales' AND count > 0 ORDER BY day, key"
    told = [line.split() for line in shop.run("app", "-c", SOLD).splitlines()]
    kept = [[day, key, str(count), amount] for day, key, count, amount in shop.asked("read", days)]
    assert kept == told
    assert len(kept) > 10
    shop.run("app", "manage.py", "check_integrity", "--only", "reports")
    [(day, order)] = shop.all(
        "SELECT kept.day::text, min(sale.id) FROM reports_keptday kept JOIN orders_order sale ON sale.placed_at >= kept.starts_at"
        " AND sale.placed_at < kept.ends_at AND sale.status = 'completed' WHERE kept_at IS NOT NULL GROUP BY 1 ORDER BY 1 DESC LIMIT 1"
    )
    with psycopg.connect(shop.roles.server.url, dbname=DATABASE, autocommit=True) as superuser:
        superuser.execute("INSERT INTO reports_daymark (day) VALUES (%s)", (day,))
    assert order
    assert day not in {row[0] for row in shop.asked("read", days)}  # void until it is summed anew
    shop.run("app", "-c", "import django; django.setup(); from reports.tasks import keep_days; keep_days()")
    assert [[day, key, str(count), amount] for day, key, count, amount in shop.asked("read", days)] == told


def test_a_copy_comes_back_with_policies_and_masks(shop: Shop) -> None:
    shop.run("owner", "manage.py", "backup", "--plain", "--no-media", "--verify")
    before = shop.asked(own(shop), "SELECT count(*) FROM scheduling_appointment")
    shop.leave()
    shop.run("owner", "manage.py", "restore", "--force", "--plain", "--no-media", "--no-check")
    assert shop.asked(own(shop), "SELECT count(*) FROM scheduling_appointment") == before
    assert shop.asked("app", "SELECT count(*) FROM scheduling_appointment") == shop.all(
        "SELECT count(*) FROM scheduling_appointment"
    )
    assert shop.asked("read", "SELECT count(*) FROM reporting.customers") == shop.all(
        "SELECT count(*) FROM customers_customerrecord"
    )


def test_a_migration_is_not_in_the_way_of_the_views(shop: Shop) -> None:
    shop.run("owner", "manage.py", "migrate", "--verbosity", "0")
    assert shop.asked("read", "SELECT count(*) FROM reporting.customers")[0][0] > 0  # nothing waited, so they stayed
    shop.run("owner", "manage.py", "migrate", "customers", "0001", "--fake", "--verbosity", "0")
    try:
        shop.all("SELECT 1")
        shop.run(
            "owner",
            "-c",
            "import django; django.setup(); from operations.management.commands import migrate; migrate._drop_views()",
        )
        assert (
            shop.all("SELECT relname FROM pg_class WHERE relnamespace = 'reporting'::regnamespace AND relkind = 'v'")
            == []
        )
    finally:
        shop.run("owner", "manage.py", "migrate", "--fake", "--verbosity", "0")  # what depends on it, too
    shop.roles.apply()
    assert shop.asked("read", "SELECT count(*) FROM reporting.customers")[0][0] > 0


def test_a_professional_is_a_number(shop: Shop) -> None:
    done = subprocess.run(
        [str(binaries.postgres_binary("psql")), "--no-psqlrc", "--quiet", "--set", f"database={DATABASE}",
         "--set", "professional=1; DROP TABLE x", "--file", str(state.ROOT / "deploy/sql/roles.sql"), shop.roles.server.url],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
