"""What a shop must be like after failovers, whoever was its primary meanwhile."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from devstack import processes
from devstack.errors import StackError
from tools.bench.driver import Client
from tools.failover.buyers import Heard, Sale
from tools.upgrade.releases import Release, Running

REPEATED = 200
IDLE_SECONDS = 60.0
SEEN_SECONDS = 90.0
ORDERS = """
SELECT contact.email, placed.number::text, array_agg(line.sku ORDER BY line.sku)
FROM orders_order placed
JOIN orders_ordercontact contact ON contact.order_id = placed.id
JOIN orders_orderline line ON line.order_id = placed.id
GROUP BY placed.id, contact.email, placed.number
"""
WAITING = "SELECT count(*) FROM common_outboxmessage WHERE done_at IS NULL"
UNTAKEN = f"{WAITING} AND (claimed_until IS NULL OR claimed_until < now())"
WHOSE = """
SELECT format('%s %s, %s of them later, at most %s tries %s', count(*), handler,
    count(*) FILTER (WHERE not_before > now()), max(attempts), left(max(last_error), 200))
FROM common_outboxmessage WHERE done_at IS NULL GROUP BY handler
UNION ALL SELECT format('%s was seen %s s ago', name, round(extract(epoch FROM now() - beat_at))) FROM common_heartbeat
"""
CLOCKWORK = ["worker", "outbox", "mail"]
SEEN = "SELECT count(*) FROM common_heartbeat WHERE name = ANY (%s) AND beat_at > %s"
RELAY_WHAT_WAS_TAKEN = """
import django
django.setup()
from common import clock, outbox
outbox.relay(now=clock.now() + outbox.CLAIM, limit=1_000_000)
"""
"""What a relay had taken whose database died is free again after a while, for which nobody waits here."""


@dataclass(frozen=True)
class Verdict:
    """`lost`: orders that were acknowledged and are not there. `doubled`: sales of which there are several orders."""

    lost: list[Sale]
    doubled: int
    wrong: list[str]


def judged(heard: Heard, *, release: Release, shop: Running, database_url: str) -> Verdict:
    """Look at everything. Raises StackError, psycopg's errors."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        (began,) = connection.execute("SELECT clock_timestamp()").fetchone() or (None,)
        wrong = [*heard.odd[:10], *shop.ended(), *_delivered(connection, release=release)]
        if not processes.wait_until(
            lambda: _count(connection, SEEN, [CLOCKWORK, began]) == len(CLOCKWORK), seconds=SEEN_SECONDS
        ):
            wrong.append("a worker or beat does not work any more")
        there = [(email, number, tuple(skus)) for email, number, skus in connection.execute(ORDERS)]
    lost = [sale for sale in heard.sales if _row(sale) not in set(there)]
    unknown = set(there) - {_row(sale) for sale in heard.sales}
    doubled = [email for email, times in Counter(email for email, *_rest in there).items() if times > 1]
    wrong += [f"{row[0]} has an order that nobody was told of" for row in sorted(unknown)[:10]]
    wrong += [f"{email} has several orders" for email in doubled[:10]]
    forgotten = {sale.key for sale in lost}
    wrong += _repeated([sale for sale in heard.sales if sale.key not in forgotten], port=shop.place.port)
    try:
        release.run("manage.py", "check_integrity")
    except StackError as found:
        wrong.append(str(found))
    return Verdict(lost=lost, doubled=len(doubled), wrong=wrong)


def _row(sale: Sale) -> tuple[str, str, tuple[str, ...]]:
    return sale.email, sale.number, tuple(sorted(sale.skus))


def _count(connection: "psycopg.Connection[Any]", statement: str, values: Any = None) -> int:
    row = connection.execute(statement, values).fetchone()
    return int(row[0]) if row else 0


def _delivered(connection: "psycopg.Connection[Any]", *, release: Release) -> Iterator[str]:
    """Wait until the workers have delivered what is free to be delivered, and relay what a dead relay had taken."""
    least, since = _count(connection, UNTAKEN), time.monotonic()
    while least and time.monotonic() - since < IDLE_SECONDS:  # as long as it gets less: a busy machine takes its time
        time.sleep(1)
        if (waiting := _count(connection, UNTAKEN)) < least:
            least, since = waiting, time.monotonic()
    if least:
        found = "; ".join(row[0] for row in connection.execute(WHOSE))
        yield f"{least} messages of the outbox are not delivered: {found}"
    release.run("-c", RELAY_WHAT_WAS_TAKEN)
    if waiting := _count(connection, WAITING):
        yield f"{waiting} messages of the outbox cannot be delivered"


def _repeated(sales: Sequence[Sale], *, port: int) -> Iterator[str]:
    """Ask again for orders of the whole run, under their keys: the answer must be the one that was given."""
    client = Client(port)
    for sale in sales[:: max(1, len(sales) // REPEATED)]:
        client.forget()
        status, answer, headers = client.ask("POST", "/api/v1/orders/", sale.wish, **{"Idempotency-Key": sale.key})
        if (status, answer.get("number"), headers.get("idempotent-replayed")) != (201, sale.number, "true"):
            yield f"the key of {sale.number} is answered {status} {answer}"
    client.close()
