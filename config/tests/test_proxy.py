"""The proxy of the composition, as nginx runs it: it takes requests whole, says whose they are, and ends TLS."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from devstack import ports, processes
from devstack.state import ROOT

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OPENSSL = shutil.which("openssl")
PROXY = ROOT / ".docker" / "proxy"
HOST = {"Host": "localhost"}

pytestmark = [
    pytest.mark.debian,
    pytest.mark.skipif(NGINX is None, reason="there is no nginx on this machine"),
]


@dataclass
class Front:
    """A proxy and the shop behind it; `told` is what the shop logs."""

    port: int
    tls_port: int
    web_port: int
    told: Path
    web: "subprocess.Popen[bytes]"

    def requests(self) -> list[dict[str, Any]]:
        return self._lines(of="requests")

    def unanswered(self) -> list[tuple[str, int]]:
        """Return what the proxy answered by itself; it writes that down after the client has it."""
        return [(line["path"], line["status"]) for line in self._lines(of="proxy")]

    def _lines(self, *, of: str) -> list[dict[str, Any]]:
        whole, _newline, _begun = self.told.read_text().rpartition("\n")
        lines = [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
        return [line for line in lines if line["logger"] == of]

    def ask(self, path: str = "/api/docs/", *, body: bytes | None = None, **headers: str) -> tuple[int, str, bytes]:
        client = http.client.HTTPConnection(ports.LOOPBACK, self.port, timeout=10)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            client.request("GET" if body is None else "POST", path, body=body, headers={**HOST, **named})
            answer = client.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
        finally:
            client.close()


def written_out(place: Path, *, server: str, web: int, plain: int, tls: int) -> Path:
    """Copy the proxy's files, with the ports and places of this test in them."""
    place.mkdir()
    for file in PROXY.iterdir():
        text = file.read_text().replace("web:8000", f"127.0.0.1:{web}").replace("/tmp/", f"{place}/")
        text = text.replace("listen 8080", f"listen 127.0.0.1:{plain}").replace(
            "listen 8443", f"listen 127.0.0.1:{tls}"
        )
        text = text.replace("/etc/nginx/tls", f"{place}")
        (place / ("server.conf" if file.name == server else file.name)).write_text(text)
    return place / "nginx.conf"


def certificate(place: Path, *, name: str = "localhost") -> None:
    """Make a certificate that only this test trusts."""
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    files = ["-keyout", str(place / "privkey.pem"), "-out", str(place / "fullchain.pem")]
    subprocess.run([str(OPENSSL), *words, *files], check=True, capture_output=True, timeout=60)


def nginx(config: Path, *words: str) -> list[str]:
    user = " user root;" if os.getuid() == 0 else ""
    return [str(NGINX), "-c", str(config), "-g", f"daemon off;{user}", *words]


def ended(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(30)


def run(tmp_path: Path, *, server: str, trusted: int, stack: ExitStack) -> Front:
    web, plain, tls = ports.free_port(), ports.free_port(), ports.free_port()
    config = written_out(tmp_path / "proxy", server=server, web=web, plain=plain, tls=tls)
    if server == "tls.conf":
        certificate(config.parent)
    told = tmp_path / "told"
    environment = dict(
        os.environ, DJANGO_SETTINGS_MODULE="config.settings.test", TRUSTED_PROXIES=str(trusted), LOG_LEVEL="INFO"
    )
    serve = [sys.executable, "-m", "config.serve", "--port", str(web), "--processes", "1", "--threads", "2"]
    log = stack.enter_context(told.open("ab"))
    shop = subprocess.Popen(serve, cwd=ROOT, env=environment, stderr=log)
    stack.callback(ended, shop)
    proxy = subprocess.Popen(nginx(config), stderr=log, stdout=log)
    stack.callback(ended, proxy)
    front = Front(plain, tls, web, told, shop)

    def answers() -> bool:
        try:
            return front.ask("/health/live/")[0] == 200
        except OSError:
            return False

    assert processes.wait_until(answers, seconds=90), told.read_text()
    return front


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with ExitStack() as stack:
        yield run(tmp_path_factory.mktemp("plain"), server="plain.conf", trusted=2, stack=stack)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    if OPENSSL is None:
        pytest.skip("there is no openssl on this machine")
    with ExitStack() as stack:
        yield run(tmp_path_factory.mktemp("tls"), server="tls.conf", trusted=1, stack=stack)


@pytest.mark.parametrize("server", ["plain.conf", "tls.conf"])
def test_nginx_understands_its_configuration(tmp_path: Path, server: str) -> None:
    if server == "tls.conf" and OPENSSL is None:
        pytest.skip("there is no openssl on this machine")
    config = written_out(tmp_path / "proxy", server=server, web=1, plain=2, tls=3)
    if server == "tls.conf":
        certificate(config.parent)
    done = subprocess.run(nginx(config, "-t"), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_half_sent_requests_never_reach_the_shop(plain: Front) -> None:
    head = b"POST /api/v1/carts/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    before = len(plain.requests())
    with ExitStack() as stack:
        for _number in range(20):
            dawdler = stack.enter_context(socket.create_connection((ports.LOOPBACK, plain.port), timeout=10))
            dawdler.sendall(head + b"Content-Length: 1000\r\n\r\n{")
        assert [plain.ask()[0] for _number in range(10)] == [200] * 10
    assert [line["path"] for line in plain.requests()[before:]] == ["/api/docs/"] * 10


@pytest.mark.fault("F8")
def test_behind_another_proxy_the_client_is_whom_that_one_saw(plain: Front) -> None:
    plain.ask(X_Forwarded_For="6.6.6.6, 198.51.100.1", X_Real_IP="6.6.6.6", Forwarded="for=6.6.6.6")
    line = plain.requests()[-1]
    assert (line["address"], line["login"]) == ("198.51.100.1", "guest")
    plain.ask(X_Request_ID="chosen-by-a-client", X_Forwarded_For="198.51.100.1")
    assert plain.requests()[-1]["request_id"] != "chosen-by-a-client"


@pytest.mark.fault("F8")
def test_the_outermost_proxy_drops_what_a_client_says_of_itself(tls: Front) -> None:
    tls.ask(X_Forwarded_For="6.6.6.6", X_Forwarded_Proto="https", X_Real_IP="6.6.6.6")
    assert tls.requests()[-1]["address"] == "127.0.0.1"


def test_bodies_and_heads_are_bounded_before_the_shop_sees_them(plain: Front) -> None:
    before = len(plain.requests())
    status, kind, body = plain.ask("/api/v1/carts/", body=b"x" * (1024 * 1024 + 1))
    assert (status, kind, json.loads(body)["code"]) == (413, "application/problem+json", "payload_too_large")
    assert plain.ask(Cookie="x" * 40_000)[0] in (400, 414, 431)
    assert len(plain.requests()) == before


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_methods_that_no_shop_needs_are_refused(plain: Front, method: str) -> None:
    with socket.create_connection((ports.LOOPBACK, plain.port), timeout=10) as client:
        client.sendall(f"{method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        assert client.recv(12) in (b"HTTP/1.1 405", b"HTTP/1.1 400")


@pytest.mark.fault("E19")
def test_a_body_framed_in_two_ways_is_refused(plain: Front) -> None:
    with socket.create_connection((ports.LOOPBACK, plain.port), timeout=10) as client:
        framing = b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        client.sendall(b"POST /api/v1/carts/ HTTP/1.1\r\nHost: localhost\r\n" + framing)
        assert client.recv(12) == b"HTTP/1.1 400"


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_is_of_today(tls: Front) -> None:
    def spoken(newest: ssl.TLSVersion) -> tuple[str | None, str]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
        context.set_ciphers("ALL:@SECLEVEL=0")
        with (
            socket.create_connection((ports.LOOPBACK, tls.tls_port), timeout=10) as raw,
            context.wrap_socket(raw) as wrapped,
        ):
            return wrapped.version(), str(wrapped.cipher())

    assert spoken(ssl.TLSVersion.TLSv1_3)[0] == "TLSv1.3"
    version, cipher = spoken(ssl.TLSVersion.TLSv1_2)
    assert version == "TLSv1.2"
    assert "ECDHE" in cipher
    assert "GCM" in cipher or "CHACHA20" in cipher
    with pytest.raises(OSError, match=r"(?i)tls|ssl|reset"):
        spoken(ssl.TLSVersion.TLSv1_1)


def test_a_shop_that_is_away_is_told_in_the_words_of_the_shop(tmp_path: Path) -> None:
    with ExitStack() as stack:
        front = run(tmp_path, server="plain.conf", trusted=2, stack=stack)
        front.web.terminate()
        front.web.wait(30)
        status, kind, body = front.ask("/api/v1/shop/?access_token=SECRET")
        assert (status, kind, json.loads(body)["code"]) == (503, "application/problem+json", "busy")
        status, kind, body = front.ask("/pedido/?access_token=SECRET")
        assert (status, kind) == (503, "text/html; charset=utf-8")
        assert "Voltamos já" in body.decode()
        away = [("/api/v1/shop/", 503), ("/pedido/", 503)]
        assert processes.wait_until(lambda: front.unanswered()[-2:] == away, seconds=10), front.unanswered()
        assert "SECRET" not in front.told.read_text()
