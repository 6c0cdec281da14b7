"""Measures a running shop as its storefront sees it: the way of a buyer, over HTTP, by many at once.

Each buyer looks at the list and a product, fills a cart with three SKUs, asks for the quote, orders, and cancels, so
that the stock is as before. Figures depend on the machine; compare runs made side by side.
"""

import http.client
import json
import statistics
import threading
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

WANTED_SKUS = 12


class Buyer:
    """One storefront with one connection; remembers how long each kind of request took, in seconds."""

    def __init__(self, *, url: str) -> None:
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=30)
        self.took: dict[str, list[float]] = defaultdict(list)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Remember how long the block took."""
        began = time.perf_counter()
        yield
        self.took[name].append(time.perf_counter() - began)

    def ask(self, name: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the JSON of its answer. Raises CommandError for anything but success."""
        sent = {"Content-Type": "application/json", "Accept": "application/json"} | headers
        with self.timed(name):
            self.connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            response = self.connection.getresponse()
            text = response.read()
        if response.status >= 300:
            raise CommandError(f"{method} {path} answered {response.status}: {text[:300]!r}")
        return json.loads(text)

    def goods(self) -> list[tuple[str, str]]:
        """Return (slug, SKU) of goods that are plainly in stock."""
        found = []
        for product in self.ask("list", "GET", "/api/v1/products/?in_stock=true&kind=goods&page_size=40")["results"]:
            detail = self.ask("product", "GET", f"/api/v1/products/{product['slug']}/")
            found += [(product["slug"], row["sku"]) for row in detail["variants"] if row["available"] >= 4]
            if len(found) >= WANTED_SKUS:
                break
        return found

    def buy(self, *, goods: list[tuple[str, str]], number: int) -> None:
        """Go the whole way once."""
        chosen = [goods[(number * 3 + step) % len(goods)] for step in range(3)]
        self.ask("list", "GET", "/api/v1/products/")
        self.ask("product", "GET", f"/api/v1/products/{chosen[0][0]}/")
        cart = self.ask("open cart", "POST", "/api/v1/carts/", {})
        for _slug, sku in chosen:
            self.ask("add line", "POST", f"/api/v1/carts/{cart['id']}/lines/", {"sku": sku, "quantity": 1})
        wish = {"payment_method": "on_site", "fulfilment": {"method": "pickup"}}
        quote = self.ask("quote", "POST", f"/api/v1/carts/{cart['id']}/quote/", wish)
        customer = {"name": "Bench", "email": f"bench-{uuid4().hex[:12]}@example.com"}
        placement = {"cart": cart["id"], "expected_total": quote["total"], "customer": customer, **wish}
        order = self.ask("order", "POST", "/api/v1/orders/", placement, **{"Idempotency-Key": uuid4().hex})
        proof = {"Authorization": f"Order {order['access_token']}"}
        self.ask("cancel", "POST", f"/api/v1/orders/{order['number']}/cancel/", {"reason": "bench"}, **proof)


class Command(BaseCommand):
    """Measures a running shop; its throttles must be wide enough."""

    help = "Measure the way of a buyer through a running shop, over HTTP."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Read where the shop is and how many buy how often."""
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the shop answers")
        parser.add_argument("--buyers", type=int, default=4, help="how many buy at once")
        parser.add_argument("--rounds", type=int, default=25, help="how often each buys")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the buyers and print a row per kind of request."""
        goods = Buyer(url=options["url"]).goods()
        if len(goods) < 3:
            raise CommandError("Fewer than three SKUs are in stock: run `manage.py seed_demo` first.")
        buyers = [Buyer(url=options["url"]) for _buyer in range(options["buyers"])]
        start = threading.Barrier(len(buyers))

        def run(place: int) -> None:
            start.wait()
            for number in range(options["rounds"]):
                buyers[place].buy(goods=goods, number=place * options["rounds"] + number)

        began = time.perf_counter()
        with ThreadPoolExecutor(len(buyers)) as pool:
            list(pool.map(run, range(len(buyers))))
        seconds = time.perf_counter() - began
        self._print(buyers=buyers, seconds=seconds)

    def _print(self, *, buyers: list[Buyer], seconds: float) -> None:
        merged: dict[str, list[float]] = defaultdict(list)
        for buyer in buyers:
            for name, took in buyer.took.items():
                merged[name] += took
        self.stdout.write(f"{'request':<12}{'count':>8}{'median ms':>12}{'p95 ms':>10}")
        for name, took in merged.items():
            p95 = statistics.quantiles(took, n=20)[-1] if len(took) > 1 else took[0]
            self.stdout.write(f"{name:<12}{len(took):>8}{statistics.median(took) * 1000:>12.1f}{p95 * 1000:>10.1f}")
        flows = len(merged["order"])
        self.stdout.write(f"{flows} orders in {seconds:.1f} s: {flows / seconds:.1f} buyers' ways a second")
