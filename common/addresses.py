"""Whence a request comes: the one place that believes, or does not believe, what proxies say."""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

OWN_NETWORKS = [
    ipaddress.ip_network(network)
    for network in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
]


def client_address(meta: Mapping[str, Any]) -> str:
    """Return who asks by address: the peer, or what the trusted proxies say; IPv6 by its /64.

    `meta` is WSGI's environment. Of `X-Forwarded-For` only the entry that the outermost of `settings.TRUSTED_PROXIES`
    proxies wrote counts; what a client invents stands before it. Where fewer have written, none is believed.
    """
    peer = str(meta.get("REMOTE_ADDR", ""))
    forwarded = _forwarded(meta)
    trusted = settings.TRUSTED_PROXIES
    return _visitor(forwarded[-trusted] if trusted and len(forwarded) >= trusted else peer) or peer


@lru_cache(maxsize=1024)
def _visitor(text: str) -> str:
    """Return an address as it stands for a visitor; nothing for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
    return str(address)


def proxies_passed(meta: Mapping[str, Any]) -> int:
    """Return how many proxies a request claims to have passed; as many as are trusted, where all is in order."""
    return len(_forwarded(meta))


def _forwarded(meta: Mapping[str, Any]) -> list[str]:
    return [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]


@lru_cache(maxsize=1024)
def bounded_address(address: str) -> str:
    """Return the address if it can stand for a visitor, else nothing.

    A loopback, private or link-local one is the shop's own house, or a proxy that nobody told us to believe: behind it
    stand people who have nothing to do with each other.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return "" if any(found in network for network in OWN_NETWORKS if network.version == found.version) else address
