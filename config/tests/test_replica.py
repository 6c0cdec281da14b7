"""A shop that reads at a standby: what is read there and by whom, and what becomes of it when either server dies."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from config.tests.replicated_shop import SEED, ReplicatedShop, caught_up, held, reprice, until
from config.tests.test_doors import SIGHT
from devstack import ports, shop, standby, state, throwaway
from devstack.servers import ValkeyServer
from devstack.standby import Pair
from inventory.selectors import display_key

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]

ANSWERED = {
    route: f"/api/v1/{route.replace('<slug:slug>', 'pao')}{'?service=CORTE' if 'slots' in route else ''}"
    for route in SIGHT
}
PAGES = ("/", "/categoria/padaria", "/produto/pao", "/agendar", "/carrinho", "/sitemap.xml", "/incorporar/agendar")
TOKEN = "a-token-of-the-tests-that-is-long-enough"
LONG, SHORT = {"REPLICA_MAX_LAG": "3600", "METRICS_TOKEN": TOKEN}, {"REPLICA_MAX_LAG": "1"}


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    with standby.pair(synchronous=False) as pair:
        yield pair


@pytest.fixture(scope="module")
def memory() -> Iterator[ValkeyServer]:
    server = throwaway.valkey()
    try:
        server.start()
        yield server
    finally:
        server.destroy()


@pytest.fixture(scope="module")
def made(servers: Pair, memory: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    var = tmp_path_factory.mktemp("replica")
    one = ReplicatedShop(servers, memory, shop.Place(ports.LOOPBACK, ports.free_port()), var)
    one.run("manage.py", "migrate", "--verbosity", "0")
    one.run("-c", SEED)
    return var


@pytest.fixture(scope="module")
def old(servers: Pair, memory: ValkeyServer, made: Path) -> Iterator[ReplicatedShop]:
    """A shop that reads at a replica which is an hour behind."""
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    with ReplicatedShop(servers, memory, place, made, LONG).serving() as served:
        yield served


@pytest.fixture(scope="module")
def fresh(servers: Pair, memory: ValkeyServer, made: Path) -> Iterator[ReplicatedShop]:
    """A shop that reads at no replica which is more than a second behind."""
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    with ReplicatedShop(servers, memory, place, made, SHORT).serving() as served:
        yield served


def reads(served: ReplicatedShop) -> None:
    """Wait until both servers are there again, and the shop reads at the replica."""
    caught_up(served.servers)
    assert until(lambda: (served.checks()["database"], served.checks()["replica"]) == ("ok", "ok"))


@pytest.mark.fault("D5")
def test_anybody_is_shown_what_the_replica_has_and_whoever_wrote_what_they_wrote(
    old: ReplicatedShop, servers: Pair, memory: ValkeyServer
) -> None:
    reprice(servers.primary, "2.50")
    reads(old)
    known = redis.Redis.from_url(memory.url)
    known.delete(display_key(sku="PAO"))
    with held(servers):
        reprice(servers.primary, "9.90")
        assert old.price() == "2.50"
        assert not known.exists(display_key(sku="PAO")), "what may be old is told to nobody who asks the primary"
        assert "2,50" in old.ask("/produto/pao").text
        for shown in ({"Authorization": "Order x"}, {"Cookie": "balcao_wrote=1"}, {"Cookie": "sessionid=x"}):
            assert old.price(**shown) == "9.90"
            assert known.exists(display_key(sku="PAO"))
        assert "9,90" in old.ask("/produto/pao", Cookie="balcao_wrote=1").text
        lists = [old.ask("/api/v1/products/?kind=goods", **shown) for shown in ({}, {"Cookie": "balcao_wrote=1"})]
        prices = [one.body["results"][0]["price_from"] for one in lists]
        assert prices == ["2.50", "9.90"], "each list is kept for those who read there"
    assert until(lambda: old.price() == "9.90")


def test_a_browser_that_has_written_says_so_for_as_long_as_a_replica_may_be_behind(old: ReplicatedShop) -> None:
    made = old.ask("/api/v1/carts/", method="POST", body={"lines": [{"sku": "PAO", "quantity": 1}]})
    assert made.status == 201
    cookie = made.headers["Set-Cookie"].lower()
    assert cookie.startswith("balcao_wrote=1;")
    assert {"max-age=3602", "path=/", "httponly", "samesite=lax"} <= {part.strip() for part in cookie.split(";")}
    refused = old.ask("/api/v1/carts/", method="POST", body={"lines": [{"sku": "NOTHING", "quantity": 1}]})
    assert refused.status in (404, 422)
    assert refused.headers["Set-Cookie"] is None
    assert old.ask("/api/v1/products/").headers["Set-Cookie"] is None


@pytest.mark.fault("D5")
def test_a_replica_that_is_too_far_behind_is_not_read(fresh: ReplicatedShop, servers: Pair) -> None:
    reprice(servers.primary, "2.50")
    reads(fresh)
    with held(servers):
        reprice(servers.primary, "9.90")
        assert until(lambda: fresh.price() == "9.90")
        assert fresh.checks()["replica"] == "behind"
        assert fresh.ask("/health/ready/").status == 200
        assert fresh.doctor()["replica"] == "warning"
    reads(fresh)
    assert fresh.doctor()["replica"] == "ok"


@pytest.mark.fault("D6")
def test_a_replica_that_died_is_missed_by_nobody(old: ReplicatedShop, servers: Pair) -> None:
    reads(old)
    servers.standby.kill()
    try:
        reprice(servers.primary, "9.90")
        with ThreadPoolExecutor(4) as people:
            assert set(people.map(lambda _number: old.price(), range(40))) == {"9.90"}
        assert old.checks()["replica"] == "unreachable"
        assert old.ask("/health/ready/").body["status"] == "degraded"
        assert old.doctor()["replica"] == "warning"
    finally:
        servers.standby.start()
    reads(old)


@pytest.mark.fault("D6")
def test_a_replica_that_hangs_is_waited_for_once(old: ReplicatedShop, servers: Pair) -> None:
    reprice(servers.primary, "9.90")
    reads(old)
    servers.standby.pause()
    try:
        with ThreadPoolExecutor(4) as people:
            assert list(people.map(lambda _number: old.price(), range(20))) == ["9.90"] * 20
        assert old.checks()["replica"] == "unreachable"
    finally:
        servers.standby.resume()
    reads(old)


CONFLICT = """
import json, django
django.setup()
from django.db import connection
from common import counters, replica

asked = []

def work():
    asked.append(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN pg_is_in_recovery() THEN pg_sleep(14) END, count(*) FROM catalog_product")
        return cursor.fetchone()[1]

found = replica.read(work)
print(json.dumps([found, asked, counters.read("replica_failed"), replica.standing().word]))
"""


@pytest.mark.fault("D6")
def test_a_read_that_stands_in_the_way_of_what_the_replica_follows_is_done_at_the_primary(
    old: ReplicatedShop, servers: Pair
) -> None:
    reads(old)
    servers.standby.asked("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    servers.standby.asked("SELECT pg_reload_conf()")
    with subprocess.Popen(
        [sys.executable, "-c", CONFLICT], cwd=state.ROOT, env=old.environment, stdout=subprocess.PIPE, text=True
    ) as reader:
        asleep = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(14)%' AND pid <> pg_backend_pid()"
        assert until(lambda: servers.standby.asked(asleep) == 1)
        servers.primary.asked("DO $$ BEGIN LOCK TABLE catalog_product IN ACCESS EXCLUSIVE MODE; END $$")
        told, _nothing = reader.communicate(timeout=60)
    assert json.loads(told) == [2, ["replica", "default"], 1, "ok"]


REPORT = """
import json, django
django.setup()
from django.db import connections
from django.test import Client
from backoffice.tests.desk import at_desk
from common import replica

client = at_desk(role="owner")
client.defaults["SERVER_NAME"] = "localhost"
replica.lookout.forget()

def databases(**cookies):
    seen = []
    def note(execute, sql, params, many, context):
        seen.append((context["connection"].alias, sql))
        return execute(sql, params, many, context)
    with connections["default"].execute_wrapper(note), connections["replica"].execute_wrapper(note):
        client.cookies.load(cookies)
        answer = client.get("/admin/reports/")
    assert answer.status_code == 200, answer.content
    return {
        word: sorted({alias for alias, sql in seen if word in sql})
        for word in ("django_session", "accounts_user", "payments_payment", "scheduling_appointment")
    }

print(json.dumps([databases(), databases(balcao_wrote="1")]))
"""


def test_reports_are_read_at_the_replica_and_who_may_read_them_at_the_primary(
    old: ReplicatedShop, servers: Pair
) -> None:
    reads(old)
    with held(servers):  # the replica knows nothing of the login or of its session
        anybody, wrote = json.loads(old.run("-c", REPORT).splitlines()[-1])
    assert anybody == {
        "django_session": ["default"], "accounts_user": ["default"], "payments_payment": ["replica"],
        "scheduling_appointment": ["replica"],
    }  # fmt: skip
    assert {alias for aliases in wrote.values() for alias in aliases} == {"default"}


@pytest.mark.fault("D1")
def test_without_the_primary_the_window_is_in_sight_and_writes_are_asked_to_come_back(
    old: ReplicatedShop, servers: Pair, memory: ValkeyServer, made: Path
) -> None:
    reads(old)
    servers.primary.kill()
    try:
        for path in (*ANSWERED.values(), *PAGES):
            assert old.ask(path).status == 200, path
        assert until(lambda: old.ask("/api/v1/products/pao/", Authorization="Bearer x").status == 200)
        for refused in (
            old.ask("/api/v1/carts/", method="POST", body={"lines": [{"sku": "PAO", "quantity": 1}]}),
            old.ask("/api/v1/orders/X/", Authorization="Order x"),
            old.ask("/api/v1/variants/PAO/availability/?quantity=1"),
        ):
            assert (refused.status, refused.body["code"]) == (503, "database_unavailable")
            assert refused.headers["Content-Type"] == "application/problem+json"
            assert refused.headers["Retry-After"] == "1"
        ready = old.ask("/health/ready/")
        assert (ready.status, ready.body["status"]) == (200, "degraded")
        found = {name: ready.body["checks"].get(name) for name in ("database", "replica", "migrations")}
        assert found == {"database": "unreachable", "replica": "ok", "migrations": "ok"}
        findings = old.doctor()
        assert (findings["database"], findings["replica"]) == ("problem", "ok")
        place = shop.Place(ports.LOOPBACK, ports.free_port())
        with ReplicatedShop(servers, memory, place, made, SHORT).serving() as later:
            assert later.ask("/produto/pao").status == 200, "begun while the primary is away"
    finally:
        servers.primary.start()
    assert until(lambda: old.ask("/api/v1/carts/", method="POST", body={}).status == 201)
    reads(old)


def test_after_a_failover_the_replica_is_whoever_follows_then(old: ReplicatedShop, servers: Pair) -> None:
    reads(old)
    servers.primary.kill()
    servers.promote()
    assert until(lambda: old.ask("/api/v1/carts/", method="POST", body={}).status == 201)
    assert until(lambda: old.checks()["replica"] == "unreachable"), "the one that was promoted is no replica"
    reprice(servers.primary, "2.50")
    assert old.price() == "2.50"
    servers.rebuild()
    reads(old)
    with held(servers):
        reprice(servers.primary, "9.90")
        assert old.price() == "2.50"
        assert old.price(Cookie="balcao_wrote=1") == "9.90"


def test_without_either_nobody_is_served(old: ReplicatedShop, servers: Pair) -> None:
    reads(old)
    servers.primary.kill()
    servers.standby.kill()
    try:
        assert old.ask("/api/v1/products/pao/").status == 503
        assert old.ask("/health/ready/").status == 503
    finally:
        servers.primary.start()
        servers.standby.start()
    reads(old)


def test_reads_are_counted_by_the_database_that_answered(old: ReplicatedShop) -> None:
    reads(old)
    before = figures(old)
    for _number in range(3):
        old.price()
    assert until(lambda: figures(old)[AT_THE_REPLICA] - before[AT_THE_REPLICA] == 3)
    found = figures(old)
    assert found['balcao_up{server="replica"}'] == 1
    assert found["balcao_replica_read"] == 1
    assert found["balcao_replica_lag_seconds"] >= 0


AT_THE_REPLICA = 'balcao_reads_total{database="replica"}'


def figures(served: ReplicatedShop) -> dict[str, float]:
    """Return the figures of the shop by their series."""
    lines = served.ask("/metrics", Authorization=f"Bearer {TOKEN}").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}
