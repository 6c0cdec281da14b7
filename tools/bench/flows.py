"""What a buyer's program sends: from an empty cart to a placed order of three lines, and one page of the list."""

import itertools
import random
from collections.abc import Sequence
from typing import Any

from tools.bench.driver import Client, UnexpectedError

_numbers = itertools.count(random.randrange(10**9))


def _expect(answer: tuple[int, Any, Any], *statuses: int) -> Any:
    if answer[0] not in statuses:
        raise UnexpectedError(answer[:2])
    return answer[1]


class Balcao:
    """Our own shop."""

    def __init__(self, *, skus: Sequence[str], hot: str) -> None:
        self._skus = skus
        self._hot = hot
        self._tag = ""

    def line_by_line(self, client: Client) -> str:
        """Fill the cart one line at a time, and order."""
        return self._order(client, self._chosen(), at_once=False)

    def at_once(self, client: Client) -> str:
        """Open the cart with all its lines, and order."""
        return self._order(client, self._chosen(), at_once=True)

    def hot(self, client: Client) -> str:
        """Reach for the product that everybody wants."""
        return self._order(client, [self._hot], at_once=False)

    def browse(self, client: Client) -> str:
        """Read a page of twenty products."""
        page = _expect(client.ask("GET", "/api/v1/products/?page_size=20"), 200)
        return "ok" if len(page["results"]) == 20 else "short"

    def browse_again(self, client: Client) -> str:
        """Read the page with the tag it had; whoever has it already gets 304."""
        answer = client.ask("GET", "/api/v1/products/?page_size=20", **{"If-None-Match": self._tag or "x"})
        self._tag = answer[2]["etag"]
        _expect(answer, 200, 304)
        return "ok"

    def _chosen(self) -> list[str]:
        return random.sample(self._skus, 3)

    def _order(self, client: Client, skus: Sequence[str], *, at_once: bool) -> str:
        lines = [{"sku": sku, "quantity": 1} for sku in skus]
        status, cart, _headers = client.ask("POST", "/api/v1/carts/", {"lines": lines if at_once else lines[:1]})
        for line in [] if at_once else lines[1:]:
            if status == 201:
                status, cart, _headers = client.ask("POST", f"/api/v1/carts/{cart['id']}/lines/", line)
        if status == 409:
            return "sold out"
        _expect((status, cart, {}), 201)
        number = next(_numbers)
        wish = {
            "cart": cart["id"],
            "expected_total": cart["total"],
            "payment_method": "on_site",
            "customer": {"name": "Ana Lima", "email": f"bench-{number}@example.com"},
            "fulfilment": {"method": "pickup"},
        }
        answer = client.ask("POST", "/api/v1/orders/", wish, **{"Idempotency-Key": f"bench-{number}"})
        return "ok" if _expect(answer, 201, 409) and answer[0] == 201 else "sold out"


class Oscar:
    """django-oscar behind its own API."""

    def __init__(self, *, base: str, first: int, last: int) -> None:
        self._base, self._first, self._last = base, first, last

    def line_by_line(self, client: Client) -> str:
        """Fill the basket one line at a time, and check out as a guest."""
        return self._order(client, random.sample(range(self._first, self._last), 3))

    def hot(self, client: Client) -> str:
        """Reach for the product that everybody wants."""
        return self._order(client, [self._last])

    def browse(self, client: Client) -> str:
        """Read a page of twenty products."""
        page = _expect(client.ask("GET", "/api/products/?limit=20"), 200)
        return "ok" if len(page["results"]) == 20 else "short"

    def _order(self, client: Client, products: Sequence[int]) -> str:
        basket: Any = None
        for product in products:
            wanted = {"url": f"{self._base}/api/products/{product}/", "quantity": 1}
            status, basket, _headers = client.ask("POST", "/api/basket/add-product/", wanted)
            if status == 406:
                return "sold out"
            _expect((status, basket, {}), 200)
        home = {
            "title": "Ms", "first_name": "Ana", "last_name": "Lima", "line1": "Rua 1", "line4": "Recife",
            "postcode": "50000-000", "country": f"{self._base}/api/countries/BR/",
        }  # fmt: skip
        order = {
            "basket": basket["url"],
            "guest_email": f"bench-{next(_numbers)}@example.com",
            "shipping_address": home,
            "billing_address": home,
        }
        answer = client.ask("POST", "/api/checkout/", order)
        return "ok" if _expect(answer, 200, 406) and answer[0] == 200 else "sold out"
