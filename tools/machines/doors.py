"""Whether the shop on its machines is as closed as one in the open: TLS, names, and whose address is believed."""

import http.client
import json
import socket
import ssl
import uuid
from collections.abc import Iterator

from devstack import processes
from tools.machines.network import FIRST_BUYER, NETWORK
from tools.machines.site import NAME, PLAIN, TLS, WEB, Site
from tools.outages.buyers import Line

PATIENCE = 10.0
FORGED = "192.0.2.6"


def left_open(site: Site) -> Iterator[str]:
    """Say what a stranger gets at two web machines behind a proxy that nobody should."""
    host, unit = site.front.host, site.machines["web1"].address
    page, there = _asked(host, PLAIN, "/", name=NAME)
    if (page, there) != (301, f"https://{NAME}/"):
        yield f"a page without TLS: {page} {there}"
    if (status := _asked(host, PLAIN, "/api/v1/shop/", name=NAME)[0]) != 403:
        yield f"the API without TLS: {status}"
    if (status := _asked(unit, WEB, "/api/v1/shop/", name="other.example.com", scheme="https")[0]) != 400:
        yield f"a unit under another name: {status}"
    if _shakes_hands(host, name="other.example.com"):
        yield "the proxy shows its certificate under another name"
    if (seen := _seen(site)) != str(NETWORK[FIRST_BUYER]):
        yield f"who comes from {NETWORK[FIRST_BUYER]} and says {FORGED} is taken for {seen}"


def _asked(host: str, port: int, path: str, *, name: str, scheme: str = "") -> tuple[int, str]:
    """Return status and place of an answer; `scheme` is what who asks says of itself."""
    line = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        line.request("GET", path, headers={"Host": name, "X-Forwarded-Proto": scheme})
        answer = line.getresponse()
        return answer.status, answer.headers.get("Location", "")
    finally:
        line.close()


def _shakes_hands(host: str, *, name: str) -> bool:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((host, TLS), timeout=PATIENCE) as plain:
            context.wrap_socket(plain, server_hostname=name).close()
    except ssl.SSLError:
        return False
    return True


def _seen(site: Site) -> str:
    """Return from which address a web unit has seen a buyer come who names another."""
    path = f"/api/v1/products/{uuid.uuid4().hex}/"
    line = Line(site.front, address=str(NETWORK[FIRST_BUYER]))
    line.request("GET", path, headers={"X-Forwarded-For": FORGED, "X-Real-IP": FORGED})
    line.getresponse().read()
    line.close()
    logs = [site.var / f"web {number}.log" for number in (1, 2)]

    def found() -> list[str]:
        lines = [text for log in logs for text in log.read_text().splitlines() if path in text and text[:1] == "{"]
        return [str(one["address"]) for one in map(json.loads, lines) if one.get("logger") == "requests"]

    processes.wait_until(lambda: bool(found()), seconds=PATIENCE)
    return ", ".join(found())
