"""A server in an address that names several: its name, or its number, and perhaps a port."""

import re

_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::(?P<port>\d{1,5}))?")


def parse(text: str, *, port: int) -> tuple[str, int]:
    """Return host and port of a server; `port` where it names none. Raises ValueError, without repeating the text."""
    found = _HOST.fullmatch(text)
    number = int(found["port"] or port) if found else 0
    if found is None or not 0 < number < 65536:
        raise ValueError("not a host, or a host and a port")
    return found["six"] or found["name"], number


def written(host: str, port: int) -> str:
    """Return a server as an address names it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
