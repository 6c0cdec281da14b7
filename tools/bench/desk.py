"""Measures what the desk's first page, its lists and its searches cost, as the owner of this very shop sees them.

A login is made in a transaction that is rolled back, so it may run beside a shop's own data. Who is looked for are
people of that shop: the first name that most orders carry, and the name, phone and number of one order.

    make manage ARGS='shell -c "from tools.bench.desk import show; show()"'
"""

import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from orders.models import Order, OrderContact

LISTS = (
    "orders_order",
    "orders_ordercontact",
    "accounts_customer",
    "scheduling_appointment",
    "payments_payment",
    "payments_refund",
    "cart_cart",
    "inventory_stockitem",
)
SAMPLE = 1_000


def measure(*, rounds: int) -> Iterator[str]:
    """Open every page so many times and tell what each costs, as lines of a table."""
    yield f"{Order.objects.count():,} orders"
    yield f"{'page':<48}{'statements':>12}{'ms':>9}{'in SQL':>9}"
    with transaction.atomic():
        desk = _desk()
        for name, address in _pages():
            yield f"{name:<48}{_figures(desk, address=address, rounds=rounds)}"
        transaction.set_rollback(True)


def _desk() -> Client:
    login = User.objects.create_superuser("bench@balcao.invalid", None, name="Bench")
    desk = Client(SERVER_NAME="127.0.0.1")
    desk.force_login(login, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return desk


def _pages() -> Iterator[tuple[str, str]]:
    yield "first page", reverse("admin:index")
    for name in LISTS:
        yield name, reverse(f"admin:{name}_changelist")
    for what, text in _wanted():
        for name in LISTS[:5]:
            yield f"{name}, {what}", f"{reverse(f'admin:{name}_changelist')}?{urlencode({'q': text})}"


def _wanted() -> Iterator[tuple[str, str]]:
    latest = OrderContact.objects.filter(pk__in=OrderContact.objects.order_by("-pk").values("pk")[:SAMPLE])
    often = latest.values("name").annotate(times=Count("pk")).order_by("-times").first()
    one = latest.exclude(phone="").select_related("order").order_by("pk").first()
    if often is None or one is None:
        raise ValueError("There are no orders to look for: manage.py seed_demo --orders 1000 makes some.")
    yield "a common name", often["name"].split()[0]
    yield "a whole name", one.name
    yield "a phone with marks", f"({one.phone[3:5]}) {one.phone[5:-4]}-{one.phone[-4:]}"
    yield "a number", f"#{one.order.number}"
    yield "nobody", "Zyxwvut Qponml"


def _figures(desk: Client, *, address: str, rounds: int) -> str:
    took, in_sql = [], []
    for _round in range(rounds):
        with CaptureQueriesContext(connection) as ran:
            began = time.perf_counter()
            answer = desk.get(address)
            took.append(time.perf_counter() - began)
        in_sql.append(sum(float(statement["time"]) for statement in ran))
        if answer.status_code != 200:
            raise ValueError(f"{address} answered {answer.status_code}")
    return f"{len(ran):>12}{statistics.median(took) * 1000:>9.0f}{statistics.median(in_sql) * 1000:>9.0f}"


def show(*, rounds: int = 5) -> None:
    """Measure and print."""
    for line in measure(rounds=rounds):
        print(line)
