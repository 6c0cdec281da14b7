"""What the figures cost in a shop of many orders: the first page, the charts it asks for, sheets of days, reports, the
rows behind, and the lists of the desk.

    python -m devstack.isolated -m tools.bench.reports [ORDERS]

On servers of its own: the demonstration and so many orders of a year (100,000 by itself) are made by `seed_demo`; then
an owner opens each page a few times, once past days are summed; the year also before, from its rows alone. Statements
are those of the page, session and login included; what PostgreSQL took of the time stands beside.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import django
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
django.setup()

from django.conf import settings  # noqa: E402
from django.urls import reverse  # noqa: E402

from accounts.models import User  # noqa: E402
from backoffice import roles  # noqa: E402
from common import clock  # noqa: E402
from common.postgres import planner  # noqa: E402
from operations.demo.logins import DEMO_LOGINS  # noqa: E402
from orders.models import Order  # noqa: E402
from reports.services import keep_days  # noqa: E402
from scheduling.models import Appointment  # noqa: E402
from shop import services as shop  # noqa: E402

ORDERS = 100_000
ROUNDS = 5
YEAR_FROM_ROWS = "report of 365 days, before they are summed"
LISTS = ("orders_order", "customers_customerrecord", "payments_payment", "scheduling_appointment")


def owner() -> Client:
    """Return the browser of whoever owns the demonstration."""
    [login] = [login for login in DEMO_LOGINS if login.role == roles.OWNER]
    desk = Client(SERVER_NAME="127.0.0.1")
    desk.force_login(User.objects.get(email=login.email), backend=settings.AUTHENTICATION_BACKENDS[-1])
    return desk


def pages() -> Iterator[tuple[str, str]]:
    """Yield each page by what it is called."""
    today = clock.now().astimezone(ZoneInfo(shop.policy().timezone)).date()
    report, rows = reverse("reports:page"), reverse("reports:rows")
    year = {"first": today - timedelta(days=364), "last": today}
    month = {"first": today - timedelta(days=29), "last": today}
    yield YEAR_FROM_ROWS, f"{report}?{urlencode(year)}"
    yield "first page", reverse("admin:index")
    yield "its charts, the last 30 days", reverse("reports:lately")
    yield "sheet of today", reverse("day:page")
    yield "sheet of a week ago", f"{reverse('day:page')}?{urlencode({'day': today - timedelta(days=7)})}"
    yield "report of today", f"{report}?period=today"
    yield "report of 30 days, compared with 30 before", f"{report}?period=days30&compare=before"
    yield "report of 365 days", f"{report}?{urlencode(year)}"
    yield "report of 365 days, compared with 365 before", f"{report}?{urlencode({**year, 'compare': 'before'})}"
    yield "rows of the revenue of 30 days", f"{rows}?{urlencode({**month, 'figure': 'revenue'})}"
    yield "rows of the sales of 30 days", f"{rows}?{urlencode({**month, 'figure': 'tickets'})}"
    yield "rows of the revenue of 365 days", f"{rows}?{urlencode({**year, 'figure': 'revenue'})}"
    yield "30 days as a workbook", f"{reverse('reports:xlsx')}?{urlencode(month)}"
    for name in LISTS:
        yield f"list of {name}", reverse(f"admin:{name}_changelist")


def measured(desk: Client, address: str) -> str:
    """Open a page a few times and tell what it costs."""
    took, in_sql = [], []
    for _round in range(ROUNDS):
        with CaptureQueriesContext(connection) as ran:
            began = time.perf_counter()
            answer = desk.get(address)
            took.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status_code}")
        in_sql.append(sum(float(statement["time"]) for statement in ran))
    return f"{len(ran):>12}{statistics.median(in_sql) * 1000:>9.0f}{statistics.median(took) * 1000:>9.0f}"


def fill(orders: int) -> None:
    """Make the demonstration and so many orders, and say what is there."""
    call_command("migrate", verbosity=0)
    roles.sync_roles()
    began = time.perf_counter()
    call_command("seed_demo", orders=orders, seed=21)
    print(f"\nmade in {time.perf_counter() - began:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    planner.analyze()
    print(f"{Order.objects.count():,} orders, {Appointment.objects.count():,} visits")


def main() -> None:
    """Fill a shop, measure once and print."""
    fill(int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS)
    print(f"{'page':<48}{'statements':>12}{'in SQL':>9}{'ms':>9}")
    desk = owner()
    for name, address in pages():
        print(f"{name:<48}{measured(desk, address)}", flush=True)
        if name == YEAR_FROM_ROWS:
            kept = keep_days(timezone=shop.policy().timezone, now=clock.now())
            print(f"{kept} days summed", flush=True)


if __name__ == "__main__":
    main()
