"""Asks a postal-code service over HTTP for the place behind a CEP.

Speaks the JSON that ViaCEP and BrasilAPI speak; which one, `settings.POSTAL_CODE_URL` says, with `{postal_code}` in it.
The deadline is for the whole answer, so a service that drips one byte a second can not hold a worker;
redirects are not followed and more than 64 KB are not read.
"""

import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from accounts.errors import LookupUnavailable
from common.identity import STATES

TIMEOUT_SECONDS = 2.0
MAX_BYTES = 64 * 1024
CHUNK = 4096
KEYS = {
    "street": ("logradouro", "street"),
    "district": ("bairro", "neighborhood"),
    "city": ("localidade", "city"),
    "state": ("uf", "state"),
}
LONGEST = 200


@dataclass(frozen=True)
class Place:
    """What lies at a postal code; street and district are empty where one code serves a whole town."""

    postal_code: str
    street: str
    district: str
    city: str
    state: str


@dataclass(frozen=True)
class PostalCodeService:
    """One service, by the pattern of its address."""

    url: str
    timeout: float = TIMEOUT_SECONDS

    def find(self, *, postal_code: str) -> Place | None:
        """Return the place, None where the service knows none. Raises LookupUnavailable when it fails us."""
        try:
            status, body = self._get(address=self.url.format(postal_code=postal_code))
        except (OSError, http.client.HTTPException) as problem:
            raise LookupUnavailable(retry_after=60) from problem
        if status == http.client.NOT_FOUND:
            return None
        if status != http.client.OK:
            raise LookupUnavailable(retry_after=60)
        return _place(postal_code=postal_code, body=body)

    def _get(self, *, address: str) -> tuple[int, bytes]:
        deadline = time.monotonic() + self.timeout
        parts = urlsplit(address)
        secure = parts.scheme == "https"
        host = parts.hostname or ""
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        plain = socket.create_connection((host, parts.port or (443 if secure else 80)), timeout=self.timeout)
        with ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain as line:
            line.sendall(head.encode("ascii"))
            answer = http.client.HTTPResponse(_Recording(_received(line=line, deadline=deadline)))  # type: ignore[arg-type]
            answer.begin()
            return answer.status, answer.read()


class _Recording:
    """An answer that has arrived whole, in the shape that the standard library's parser reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def _received(*, line: socket.socket, deadline: float) -> bytes:
    content = b""
    while (left := deadline - time.monotonic()) > 0:
        line.settimeout(left)
        chunk = line.recv(CHUNK)
        if not chunk:
            return content
        content += chunk
        if len(content) > MAX_BYTES:
            break
    raise TimeoutError


def from_settings() -> PostalCodeService | None:
    """Return the service the shop has set up, or None."""
    url: str = settings.POSTAL_CODE_URL
    return PostalCodeService(url=url) if url else None


def _place(*, postal_code: str, body: bytes) -> Place | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise LookupUnavailable(retry_after=60) from problem
    if not isinstance(answer, dict):
        raise LookupUnavailable(retry_after=60)
    if answer.get("erro"):
        return None
    found = {field: _text(answer=answer, keys=keys) for field, keys in KEYS.items()}
    if not found["city"] or found["state"] not in STATES:
        raise LookupUnavailable(retry_after=60)
    return Place(postal_code=postal_code, **found)


def _text(*, answer: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = answer.get(key)
        if isinstance(value, str) and value.isprintable():
            return value.strip()[:LONGEST]
    return ""
