"""The sandbox tells what happened until it is heard, each time signed anew; its pages speak two languages."""

import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest

from payments.gateways.sandbox import Sandbox
from payments.tests.sandbox_process import OPEN, PERSON, SECRET, Running, running
from sandbox.signing import HEADER, sign

PATIENCE = 30.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def there() -> Iterator[Running]:
    with running() as opened:
        yield opened


class Listener:
    """A shop that says what it is told to say, and remembers what it heard."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.heard: list[tuple[float, str, bytes]] = []
        listener = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append((time.monotonic(), self.headers[HEADER], body))
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.end_headers()

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def waits(self, *, calls: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while len(self.heard) < calls:
            assert time.monotonic() < deadline, f"{len(self.heard)} of {calls}"
            time.sleep(0.05)


@pytest.fixture
def shop() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


def begun(there: Running, *, notify_url: str = "", **differs: Any) -> dict[str, Any]:
    wanted = {
        "amount": 123456, "currency": "BRL", "method": "card", "metadata": {"order": "B-1"}, "notify_url": notify_url,
    }  # fmt: skip
    return dict(there.ask("/v1/payments", wanted | differs))


def shown(there: Running, path: str, *, language: str) -> str:
    request = urllib.request.Request(f"{there.url}{path}", headers={"Accept-Language": language})
    with OPEN(request, timeout=30) as page:
        assert "script" not in page.headers["Content-Security-Policy"]
        return str(page.read().decode())


def test_an_event_is_told_again_after_growing_pauses_until_it_is_heard(there: Running, shop: Listener) -> None:
    shop.answers = [500, 302]
    payment = begun(there, notify_url=shop.url)
    there.act(payment["id"], "pay")
    shop.waits(calls=3)
    first, second, third = shop.heard
    assert second[0] - first[0] >= 0.9
    assert third[0] - second[0] >= 1.9
    assert first[2] == second[2] == third[2]
    assert len({signature for _at, signature, _body in shop.heard}) == 3, "each with its own time"
    for _at, signature, body in shop.heard:
        moment = int(signature.partition(",")[0].removeprefix("t="))
        assert signature == f"t={moment},v1={_mark(body, moment)}"
    time.sleep(0.5)
    assert len(shop.heard) == 3, "heard is heard"
    assert "A loja recebeu o aviso." in shown(there, "/", language="pt-BR")


def _mark(body: bytes, moment: int) -> str:
    return sign(body=body, secret=SECRET, at=datetime.fromtimestamp(moment, tz=UTC)).rpartition("v1=")[2]


def test_an_event_can_be_told_again_by_hand_and_a_silent_one_is_told_by_nobody(there: Running, shop: Listener) -> None:
    payment = begun(there, notify_url=shop.url)
    there.act(payment["id"], "silent")
    time.sleep(1.0)
    assert shop.heard == []
    [event] = [one for one in Sandbox(**there.access).list_events(since=LONG_AGO) if payment["id"] in str(one.body)]
    for _ in range(2):
        with pytest.raises(urllib.error.HTTPError):
            PERSON.open(f"{there.url}/events/{event.id}/again/", data=b"", timeout=30)
    shop.waits(calls=1)
    assert shop.heard[0][2] == event.body


def test_pages_speak_portuguese_and_english(there: Running) -> None:
    path = f"/pay/{begun(there)['id']}/"
    portuguese, english = shown(there, path, language="pt-BR"), shown(there, path, language="en-GB")
    assert "Pagar R$ 1.234,56" in portuguese
    assert "Pay R$ 1,234.56" in english
    assert "Um pagamento com cartão" in shown(there, path, language="de")
    assert "A payment by card" in shown(there, f"{path}?lang=en", language="pt-BR")


def test_a_pix_that_is_none_of_ours_is_said(there: Running) -> None:
    pix = begun(there, method="pix")
    query = urlencode({"text": f" {pix['pix_text']}\n"})
    assert "Um pagamento por Pix" in shown(there, f"/scan/?{query}", language="pt-BR")
    assert "Isto não é um Pix do simulador." in shown(there, "/scan/?text=00020126", language="pt-BR")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": -1}, "amount_invalid"),
        ({"amount": "1"}, "body_invalid"),
        ({"method": "cash"}, "body_invalid"),
        ({"surprise": 1}, "body_invalid"),
        ({"expires_at": "2026-01-01T00:00:00"}, "expires_at_invalid"),
        ({"notify_url": "file:///etc/passwd"}, "address_invalid"),
        ({"method": "pix", "currency": "EUR"}, "currency_invalid"),
    ],
)
def test_what_a_shop_gets_wrong_is_named(there: Running, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        begun(there, **wrong)
    with refused.value as answer:
        assert answer.code in (400, 422)
        assert answer.read().decode() == f'{{"code":"{code}"}}'
