"""A browser for whoever walks, the databases that a test makes beside its own, and a demonstration that is soon made.

The browser is one for a whole process; each test has a profile with nothing in it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connection

from devstack import window
from devstack.errors import StackError
from operations import scratch
from operations.demo import content, earnings, shelves, takings, visits
from operations.tests import chromium
from operations.tests.chromium import BrowserError, Tab

PATIENCE = 10.0
ASKING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Tab]]:
    """Give a fresh tab of a browser that is started once, and once more should it have ended."""
    program = chromium.installed()
    if program is None:
        pytest.skip("there is no chromium on this machine, so nobody walked through the shop")
    with ExitStack() as open_browsers:
        tabs: list[Tab] = []

        def fresh() -> Tab:
            try:
                for known in tabs:
                    known.begin()
                    return known
            except (BrowserError, OSError):
                open_browsers.close()
            profile = tmp_path_factory.mktemp("profile")
            tabs[:] = [open_browsers.enter_context(chromium.a_tab(program=program, profile=profile))]
            return tabs[0]

        yield fresh


@pytest.fixture
def tab(browser: Callable[[], Tab]) -> Iterator[Tab]:
    """Return a tab in a profile of its own, in which the pages' policy of what may run holds."""
    opened = browser()
    yield opened
    opened.leave()
    _until_nobody_asks()


def _until_nobody_asks() -> None:
    """Wait for what the page has asked of the shop meanwhile: the database is emptied next."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(ASKING)
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.05)


@pytest.fixture(scope="session")
def a_window() -> None:
    """Have the window as it is served, or say why there is none."""
    if chromium.installed() is None:
        pytest.skip("there is no chromium on this machine, so nobody looked through the window")
    try:
        window.build()
    except StackError as failure:
        pytest.skip(f"the window could not be built: {failure.problem}")


@pytest.fixture
def made_beside(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[int, int]]:
    """Tell how many databases the test has made and how many of them are left; those of other processes do not count."""
    made: list[str] = []
    url_of = scratch.url_of

    def noted(name: str) -> str:
        made.append(name)
        return url_of(name)

    def counted() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_database WHERE datname = ANY(%s)", [made])
            return len(made), cursor.fetchone()[0]

    monkeypatch.setattr(scratch, "url_of", noted)
    return counted


@pytest.fixture(scope="module")
def a_smaller_demonstration() -> Iterator[int]:
    """Have a week of visits, and the goods that are sold, a quarter of the work; return how many goods they are."""
    baskets = [*(order.units for order in content.ORDERS), *content.BASKETS, {"POMADA-MATTE-80": 1}]
    sold = {sku for basket in baskets for sku in basket} | set(content.SERVICES)
    goods = [product for product in content.PRODUCTS if sold & {variant.sku for variant in product.variants}]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shelves, "PRODUCTS", goods)
        patched.setattr(visits, "PAST", 2)
        patched.setattr(visits, "AHEAD", 4)
        patched.setattr(takings, "DAYS", 4)
        patched.setattr(earnings, "SINCE", timedelta(days=1))
        yield len(goods)
