"""The agenda on another site, in a real browser: booked in its frame, as high as it needs, and closed to strangers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from operations.tests.buyer import Buyer, fills_in
from operations.tests.chromium import BrowserError, Tab
from operations.tests.test_window_in_browser import buyer
from orders.models import Order
from scheduling.models import Appointment
from scheduling.tests.factories import MONDAY
from shop.selectors import look
from storefront.services import WindowSheet, dress_window
from storefront.tests.shop import OWNER

__all__ = ["buyer"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

PAGE = """<!doctype html><html lang="pt-BR"><meta name="viewport" content="width=device-width"><title>Salão da Ana</title>
<h1>Salão da Ana</h1><script src="{shop}/static/window/agenda.js" data-titulo="Agenda" async></script>
<script>window.heard = []; addEventListener("message", (event) => heard.push(event.data));</script>"""


class Framed:
    """The frame on the page of a tab, as if it were a tab."""

    def __init__(self, tab: Tab) -> None:
        self.tab, self.call = tab, tab.call

    def run(self, code: str) -> Any:
        """Return what an expression comes to in the frame. Raises BrowserError while there is none."""
        frames = self.call("Page.getFrameTree")["frameTree"].get("childFrames", [])
        if not frames:
            raise BrowserError("there is no frame")
        world = self.call("Page.createIsolatedWorld", frameId=frames[0]["frame"]["id"])["executionContextId"]
        answer = self.call("Runtime.evaluate", expression=code, contextId=world, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")


@pytest.fixture
def site(buyer: Buyer) -> Iterator[str]:
    """Somebody's own site, of another origin, with the line of the shop in it."""
    page = PAGE.format(shop=buyer.url).encode()

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *said: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def allow(*sites: str) -> None:
    sheet = WindowSheet(seen=look().version, values={"frame_sites": sites})
    dress_window(sheet=sheet, actor=OWNER, now=MONDAY)


def test_a_visit_is_booked_on_another_site(buyer: Buyer, site: str) -> None:
    allow(site)
    buyer.tab.open(site, width=buyer.width)
    guest = Buyer(Framed(buyer.tab), url=buyer.url)  # type: ignore[arg-type]
    guest.until(lambda said: "O que você quer fazer?" in said)
    assert guest.tab.run("document.querySelectorAll('header, footer, .search').length") == 0
    guest.taps(".pick", "Corte")
    guest.taps(".times button", "14:00")
    guest.taps("button", "Reservar 14:00")
    guest.sees("a", "Finalizar pedido")
    height = "document.querySelector('iframe').getBoundingClientRect().height"
    inner = "document.getElementById('window').getBoundingClientRect().height"
    assert abs(buyer.tab.run(height) - guest.tab.run(inner)) <= 1  # no second bar to scroll with
    assert buyer.tab.run("document.documentElement.scrollWidth - innerWidth") <= 0
    guest.taps("a", "Finalizar pedido")
    guest.sees("label", "Nome completo")
    fills_in(guest)
    guest.taps("button", "Confirmar")
    guest.until(lambda said: "/incorporar/pedido/" in said and "Pedido confirmado" in said)
    assert Appointment.objects.get().starts_at.hour == 17
    assert Order.objects.count() == 1
    assert buyer.tab.run("location.href") == f"{site}/"
    assert {one["balcao"] for one in buyer.tab.run("heard")} == {"height", "top"}


@pytest.mark.smoke
def test_a_site_that_the_owner_did_not_name_shows_nothing(buyer: Buyer, site: str) -> None:
    allow("https://outro.example")
    buyer.tab.open(site, width=buyer.width)
    frame = Framed(buyer.tab)
    seen = "document.body ? document.body.innerText : ''"
    said = ""
    for _ in range(20):
        buyer.tab.run("new Promise((done) => setTimeout(done, 100))")
        try:
            said = str(frame.run(seen))
        except BrowserError:
            continue
    assert "O que você quer fazer?" not in said
    assert buyer.tab.run("heard") == []
