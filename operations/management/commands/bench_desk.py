"""Measures what the desk's first page, its lists and its searches cost, as the owner of this very shop sees them.

A login is made in a transaction that is rolled back, so it may run beside a shop's own data. Who is looked for are
people of that shop: the name that most orders carry, and the phone, document and number of one order.
"""

import statistics
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.core.management.base import BaseCommand, CommandError
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
BACKEND = "django.contrib.auth.backends.ModelBackend"


class Command(BaseCommand):
    """Measures the pages that an owner opens every day."""

    help = "Measure the desk's first page, its lists and its searches on this shop's data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read how often to measure."""
        parser.add_argument("--rounds", type=int, default=5, help="how often each page is opened; the median counts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open every page and print a row for each."""
        orders = Order.objects.count()
        self.stdout.write(f"{orders:,} orders\n{'page':<52}{'rows':>6}{'statements':>12}{'ms':>9}{'in SQL':>9}")
        with transaction.atomic():
            desk = self._desk()
            for name, address in self._pages():
                self._measure(desk, name=name, address=address, rounds=options["rounds"])
            transaction.set_rollback(True)

    def _desk(self) -> Client:
        login = User.objects.create_superuser("bench@balcao.invalid", None, name="Bench")
        desk = Client(SERVER_NAME="127.0.0.1")
        desk.force_login(login, backend=BACKEND)
        return desk

    def _pages(self) -> Iterator[tuple[str, str]]:
        yield "first page", reverse("admin:index")
        for name in LISTS:
            yield name, reverse(f"admin:{name}_changelist")
        for what, text in self._wanted():
            for name in LISTS[:5]:
                yield f"{name}, {what}", f"{reverse(f'admin:{name}_changelist')}?{urlencode({'q': text})}"

    def _wanted(self) -> Iterator[tuple[str, str]]:
        latest = OrderContact.objects.filter(pk__in=OrderContact.objects.order_by("-pk").values("pk")[:SAMPLE])
        often = latest.values("name").annotate(times=Count("pk")).order_by("-times").first()
        one = latest.exclude(phone="").select_related("order").order_by("pk").first()
        if often is None or one is None:
            raise CommandError("There are no orders to look for: manage.py seed_demo --orders 1000 makes some.")
        yield "a common name", often["name"].split()[0]
        yield "a whole name", one.name
        yield "a phone with marks", f"({one.phone[3:5]}) {one.phone[5:-4]}-{one.phone[-4:]}"
        yield "a number", f"#{one.order.number}"
        yield "nobody", "Zyxwvut Qponml"

    def _measure(self, desk: Client, *, name: str, address: str, rounds: int) -> None:
        took, in_sql = [], []
        for _round in range(rounds):
            with CaptureQueriesContext(connection) as ran:
                began = time.perf_counter()
                answer = desk.get(address)
                took.append(time.perf_counter() - began)
            in_sql.append(sum(float(statement["time"]) for statement in ran))
        if answer.status_code != 200:
            raise CommandError(f"{address} answered {answer.status_code}")
        shown = answer.context.get("cl")
        rows = "" if shown is None else len(shown.result_list)
        figures = f"{len(ran):>12}{statistics.median(took) * 1000:>9.0f}{statistics.median(in_sql) * 1000:>9.0f}"
        self.stdout.write(f"{name:<52}{rows:>6}{figures}")
