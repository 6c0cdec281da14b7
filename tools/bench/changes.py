"""What looking at everything that was written down of changes costs, and how that grows.

    python -m devstack.isolated -m tools.bench.changes [ENTRIES]

On a server of its own: rooms whose names have changed seven times each, as many as it takes for so many entries
(1,000,000 by itself), chained as the triggers would have; what is looked at, and how long, at a quarter, at half and at
all of them. `temporary` is what the server put on disk meanwhile. At the end an entry in the middle is edited. What one
login did, who did it all, is searched as the desk does.
"""

import os
import sys
import time

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()

from audit.selectors import newest_by  # noqa: E402
from backoffice import meant  # noqa: E402
from common import clock  # noqa: E402
from common.origin import LOGIN  # noqa: E402
from operations.integrity import CHECKS, examine  # noqa: E402

ENTRIES = 1_000_000
OF_A_ROW = 8
AT_ONCE = 5_000
NEWEST = 2_000
ROOMS = """
    INSERT INTO scheduling_room (id, name, is_active)
    SELECT n, format('Sala %%s, %%s', n, %(steps)s::int), true FROM generate_series(%(first)s::int, %(last)s::int) n
"""
STEP = """
    INSERT INTO audit_entry (
        at, table_name, row_id, seq, subject, action, before, after, unsaid, actor, door, request_id, role, by_hand,
        digest
    )
    SELECT (made).at, (made).table_name, (made).row_id, (made).seq, (made).subject, (made).action, (made).before,
           (made).after, (made).unsaid, (made).actor, (made).door, (made).request_id, (made).role, (made).by_hand,
           audit_digest(coalesce(digest, ''), made)
    FROM (
        SELECT ROW(
            NULL, clock_timestamp(), 'scheduling_room', n, %(step)s::int, 'scheduling_room:' || n, 'update',
            jsonb_build_object('name', format('Sala %%s, %%s', n, %(step)s::int - 1), 'is_active', true),
            jsonb_build_object('name', format('Sala %%s, %%s', n, %(step)s::int), 'is_active', true), '{}', 'login:7',
            'POST admin/scheduling/room/<path:object_id>/change/', md5(n::text), 'balcao_app', false, NULL
        )::audit_entry AS made, before.digest
        FROM generate_series(%(first)s::int, %(last)s::int) n
        LEFT JOIN audit_entry before
            ON before.table_name = 'scheduling_room' AND before.row_id = n AND before.seq = %(step)s::int - 1
    ) entry
"""
EDIT = """
    UPDATE audit_entry SET actor = 'nobody'
    WHERE id = (SELECT id FROM audit_entry WHERE seq = 4 ORDER BY id OFFSET %(half)s LIMIT 1)
"""
AUDIT = [check for check in CHECKS if check.name.startswith("audit.")]


def run(statement: str, **params: int) -> None:
    """Run a statement with the triggers asleep."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, params)
        cursor.execute("SET session_replication_role = DEFAULT")


def temporary() -> int:
    """Return how many bytes the server has put into temporary files so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def fill(*, first: int, last: int) -> None:
    """Make rooms, and write down what has become of them, a few thousand at once, as days do."""
    for begin in range(first, last + 1, AT_ONCE):
        end = min(begin + AT_ONCE - 1, last)
        run(ROOMS, first=begin, last=end, steps=OF_A_ROW)
        for step in range(1, OF_A_ROW + 1):
            run(STEP, first=begin, last=end, step=step)


def look(*, entries: int) -> None:
    """Print how long each check takes, and what it finds."""
    for check in AUDIT:
        before, began = temporary(), time.perf_counter()
        [result] = examine(now=clock.now(), checks=[check]).results
        seconds = time.perf_counter() - began
        found = result.failure or len(result.rows)
        spilt = (temporary() - before) / 1e6
        print(
            f"| {check.name} | {entries:,} | {seconds:.1f} | {seconds / entries * 1e6:.1f} | {spilt:,.0f} | {found} |",
            flush=True,
        )


def search(*, entries: int) -> None:
    """Print how long the newest entries of one login take, with as many other logins of that name as are looked at."""
    actors = [f"{LOGIN}{number}" for number in range(7, 7 + meant.MOST)]
    before, began = temporary(), time.perf_counter()
    found = newest_by(actors, most=NEWEST)
    seconds = time.perf_counter() - began
    spilt = (temporary() - before) / 1e6
    print(f"| who did it | {entries:,} | {seconds:.3f} | | {spilt:,.0f} | {len(found)} |", flush=True)


def main() -> None:
    """Fill, look, edit and look again."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES
    call_command("migrate", verbosity=0)
    run("SET statement_timeout = 0")
    print("| | entries | s | microseconds an entry | temporary, MB | found |\n|---|---|---|---|---|---|")
    done = 0
    for share in (4, 2, 1):
        rooms = entries // OF_A_ROW // share
        fill(first=done + 1, last=rooms)
        done = rooms
        run("ANALYZE audit_entry")
        look(entries=rooms * OF_A_ROW)
        search(entries=rooms * OF_A_ROW)
    run(EDIT, half=done // 2)
    look(entries=entries)


if __name__ == "__main__":
    main()
