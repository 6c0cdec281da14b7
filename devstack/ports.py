"""Free TCP ports on the loopback interface.

Server ports come from below the range that systems hand out to outgoing connections, so that a server that crashed
finds its own port free again. A port is only *probably* free: whoever binds it must be ready to ask for another.
"""

import random
import socket

LOOPBACK = "127.0.0.1"
SERVER_PORTS = range(21000, 31000)


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on `port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def answers(port: int, *, host: str = LOOPBACK) -> bool:
    """Tell whether somebody takes connections there."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def free_port(*, preferred: int | None = None) -> int:
    """Return `preferred` when it is free, otherwise a random free port for a server."""
    if preferred is not None and is_free(preferred):
        return preferred
    for candidate in random.SystemRandom().sample(SERVER_PORTS, 200):
        if is_free(candidate):
            return candidate
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


def next_free_port(first: int, *, host: str = LOOPBACK, span: int = 100) -> int | None:
    """Return the first free port at or after `first`, or None when `span` ports in a row are taken."""
    return next((port for port in range(first, first + span) if is_free(port, host=host)), None)
