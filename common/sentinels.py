"""The address of a Redis that sentinels watch over: sentinel://:password@host1:26379,host2:26379/mymaster/0.

Which of several servers takes writes changes while the shop runs, so sentinels are named instead of it. The password is
the server's; `?sentinel_password=` is for sentinels that ask for one of their own.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote

from common import hosts

SCHEME = "sentinel"
PORT = 26379
_ADDRESS = re.compile(
    r"sentinel://(?:(?P<user>[^:@/?#]*):(?P<password>[^@/?#]*)@)?(?P<hosts>[^@/?#]+)"
    r"/(?P<service>[A-Za-z0-9._-]+)(?:/(?P<number>\d{0,4}))?(?:\?(?P<query>[^#]*))?"
)


@dataclass(frozen=True)
class Watched:
    """A service, the sentinels that know which server it is now, and what the server is asked with."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    number: int
    username: str | None
    password: str | None
    sentinel_password: str | None


def is_watched(url: str) -> bool:
    """Say whether an address names sentinels."""
    return url.startswith(f"{SCHEME}://")


def parse(url: str) -> Watched:
    """Return what an address says. Raises ValueError, without repeating the address: it may hold a password."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        raise ValueError("not sentinel://host:port,host:port/service/number")
    query = parse_qs(found["query"] or "", strict_parsing=bool(found["query"]))
    if set(query) - {"sentinel_password"}:
        raise ValueError("unknown words after the question mark")
    return Watched(
        sentinels=tuple(hosts.parse(text, port=PORT) for text in found["hosts"].split(",")),
        service=found["service"],
        number=int(found["number"] or 0),
        username=unquote(found["user"] or "") or None,
        password=unquote(found["password"] or "") or None,
        sentinel_password=query.get("sentinel_password", [None])[0],
    )
