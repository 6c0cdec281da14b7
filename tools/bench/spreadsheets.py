"""How long a spreadsheet of many products takes, beside a plain COPY of the rows it becomes.

    python -m devstack.isolated -m tools.bench.spreadsheets [ROWS]

On servers of its own: a CSV of so many products (100,000 by itself), with prices, options and units in stock, is read
and previewed, taken in, and brought once more with every price changed. Then the rows of products, variants, stock and
movements are copied, as they are, into tables with the same columns and indexes.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()

from common import clock  # noqa: E402
from common.actors import Actor  # noqa: E402
from spreadsheets import services  # noqa: E402
from spreadsheets.models import Import  # noqa: E402

ROWS = 100_000
TABLES = (
    "catalog_product",
    "catalog_variant",
    "catalog_productchange",
    "inventory_stockitem",
    "inventory_stockmovement",
)
ADJECTIVES = ("francês", "de queijo", "de fubá", "integral", "da casa", "com açúcar", "sem glúten", "de milho")


def sheet(*, rows: int, price: str) -> bytes:
    """Return a file of so many products."""
    lines = ["Produto;Categoria;SKU;Preço;Opções;Descrição;Contagem do estoque"]
    lines += [
        f"Pão {ADJECTIVES[number % 8]} {number};Padaria > Prateleira {number % 50};PAO-{number};{price};Tamanho: M;"
        f"Assado todo dia, do tipo {number % 977}.;{number % 90}"
        for number in range(rows)
    ]
    return "\r\n".join(lines).encode()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long a block took."""
    began = time.perf_counter()
    yield
    print(f"{what:<44}{time.perf_counter() - began:8.1f} s", flush=True)


def brought(*, content: bytes, rows: int, kind: str) -> None:
    """Preview a file and take it in."""
    actor, now = Actor.system(door="command"), clock.now()
    run = services.begin(kind="products", name=f"{kind}.csv", content=content, language="pt-br", actor=actor, now=now)
    with timed(f"{kind}: read and previewed"):
        run = services.prepare(public_id=run.public_id, now=now)
    if run.state != Import.State.READY or run.wrong or run.rows != rows:
        raise SystemExit(f"not ready: {run.state} {run.problem} {run.wrong} wrong")
    services.confirm(public_id=run.public_id, seal=run.seal)
    with timed(f"{kind}: taken in"):
        run = services.take_in(public_id=run.public_id, now=now)
    if run.state != Import.State.DONE:
        raise SystemExit(f"not taken in: {run.problem}")


def copied() -> None:
    """Copy the rows that there are into tables of the same shape."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        files = {}
        for table in TABLES:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy:
                files[table] = b"".join(copy)
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        with timed("plain COPY of the rows it becomes"):
            for table, content in files.items():
                with cursor.copy(f"COPY bare_{table} FROM STDIN (FORMAT binary)") as copy:
                    copy.write(content)


def main() -> None:
    """Measure once and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    call_command("migrate", verbosity=0)
    print(f"{rows} products, {len(sheet(rows=rows, price='9,90')) / 1e6:.1f} MB")
    brought(content=sheet(rows=rows, price="9,90"), rows=rows, kind="new products")
    brought(content=sheet(rows=rows, price="10,40"), rows=rows, kind="prices changed")
    copied()
    print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
