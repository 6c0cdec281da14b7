"""How soon the desk's pages can be used in a browser, in a shop of many orders.

    python -m devstack.isolated -m tools.bench.pages [ORDERS]

On servers of its own, with so many orders of a year (100,000 by itself), as `tools.bench.reports` makes them. The web
processes serve it as `make run` does; an owner opens each page in Chromium some times, at a desk and on a phone, and
the median counts. A page can be used once its load event has ended and what its scripts have asked the shop for is
there: whatever comes before half a second of quiet.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.urls import reverse

from devstack import ports, processes, shop
from operations.tests import chromium
from operations.tests.chromium import Tab
from tools.bench.__main__ import running
from tools.bench.reports import ORDERS, fill, owner

ROUNDS = 5
WIDTHS = (1440, 390)
USABLE = """(async () => {
  const asked = () => performance.getEntriesByType("resource").filter((one) => one.initiatorType === "fetch");
  let known = -1;
  while (known !== asked().length) {
    known = asked().length;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const [page] = performance.getEntriesByType("navigation");
  return Math.max(page.loadEventEnd, ...asked().map((one) => one.responseEnd));
})()"""
LISTS = ("orders_order", "customers_customerrecord", "payments_payment", "scheduling_appointment", "catalog_product")


@contextmanager
def served(var: Path) -> Iterator[str]:
    """Serve the shop of this process's settings, and give its address."""
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    made = shop.environment(
        os.environ, database_url=os.environ["DATABASE_URL"], redis_url=os.environ["REDIS_URL"], place=place, var=var
    )
    made["LOG_LEVEL"] = "WARNING"
    [web, *_others] = shop.services(environment=made, place=place, var=var)
    with running(web.command, made, var / "web.log"):
        if not processes.wait_until(lambda: shop.is_ready(place), seconds=60):
            raise SystemExit((var / "web.log").read_text())
        yield place.url


def pages() -> Mapping[str, str]:
    """Return the pages by what they are called."""
    return {
        "first page": reverse("admin:index"),
        "the counter": reverse("counter:page"),
        "agenda": reverse("agenda:page"),
        "sheet of the day": reverse("day:page"),
        "report of 30 days, compared": f"{reverse('reports:page')}?period=days30&compare=before",
        **{f"list of {name}": reverse(f"admin:{name}_changelist") for name in LISTS},
    }


def usable(tab: Tab, address: str, *, width: int) -> float:
    """Return after how many ms a page can be used."""
    took: list[float] = []
    for _round in range(ROUNDS):
        tab.open(address, width=width)
        took.append(tab.run(USABLE))
    return statistics.median(took)


def main() -> None:
    """Fill a shop, open its pages and print."""
    program = chromium.installed()
    if program is None:
        raise SystemExit("There is no Chromium here: apt install chromium")
    fill(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS)
    key = owner().cookies[settings.SESSION_COOKIE_NAME].value
    with tempfile.TemporaryDirectory(prefix="balcao-bench-") as folder:
        var = Path(folder)
        with served(var) as base, chromium.a_tab(program=program, profile=var / "profile") as tab:
            tab.keep_cookie(name=settings.SESSION_COOKIE_NAME, value=key, url=base)
            print(f"{'ms until usable':<40}" + "".join(f"{f'{width} px':>10}" for width in WIDTHS))
            for name, path in pages().items():
                found = [usable(tab, base + path, width=width) for width in WIDTHS]
                print(f"{name:<40}" + "".join(f"{one:>10.0f}" for one in found), flush=True)


if __name__ == "__main__":
    main()
