"""The way to a paid order through a shop that `make run` opened, by the clock on the wall: `make shopping`.

Three customers: one over a good network, one over a slow one (what Chromium calls slow 3G), and one whose web server is
killed between choosing a time and keeping it. Nothing here is faster than a person: letters are typed five in a second, and
a tap costs what it costs. It takes some minutes, so it is asked for and no part of `make test`.
"""

import functools
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack import processes
from devstack.tests.test_run import Run, opened
from operations.tests.chromium import Tab
from operations.tests.walks.buying import Customer, Errand, Purchase, table

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

TAPS, SECONDS = 12, 90
PHONE = 390
A_LETTER = 0.2
ERRAND = Errand(cake="Bolo de cenoura", cut="Corte de cabelo · Adulto")
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest.fixture(scope="module")
def shop(a_window: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with opened(tmp_path_factory.mktemp("shop") / "var") as run:
        run.read_until("Ctrl-C stops everything")
        assert processes.wait_until(lambda: run.readiness()["status"] == "ok", seconds=60)
        yield run


@pytest.fixture
def customer(shop: Run, browser: Callable[[], Tab], tmp_path: Path) -> Iterator[Customer]:
    url = f"http://127.0.0.1:{shop.port}"
    tab = browser()
    one = Customer(tab, server=url, width=PHONE, folder=tmp_path)
    one.pace = A_LETTER
    yield one
    tab.leave()


def walked(purchase: Purchase, *, name: str) -> None:
    """Go the whole way and hold it to the limits."""
    purchase.until_it_is_paid()
    taps, hands = purchase.taps, sum(one.taps for one in purchase.done)
    seconds = sum(one.passed for one in purchase.done) + hands  # letters took their time already, taps did not
    print(f"\n{name}: {taps} toques, {seconds:.0f} s{table(purchase.done)}")  # noqa: T201 - what this is run for
    assert taps - purchase.again <= TAPS
    assert seconds <= SECONDS


def test_over_a_good_network(customer: Customer) -> None:
    purchase = Purchase(customer, ERRAND)
    walked(purchase, name="rede boa")
    purchase.changes_of_mind()


def test_over_a_slow_network(customer: Customer) -> None:
    customer.tab.call("Network.emulateNetworkConditions", **SLOW_3G)
    walked(Purchase(customer, replace(ERRAND, email="bia@cliente.example")), name="3G lento")


def test_while_the_web_server_is_killed_and_comes_back(customer: Customer, shop: Run) -> None:
    def dies() -> None:
        processes.send(shop.child("config.serve"), signal.SIGKILL)

    purchase = Purchase(customer, replace(ERRAND, email="caio@cliente.example"), between=dies)
    walked(purchase, name="servidor reiniciado")
    assert processes.wait_until(functools.partial(_is_well, shop), seconds=30)


def _is_well(shop: Run) -> bool:
    try:
        return bool(shop.readiness()["status"] == "ok")
    except OSError:
        return False
