"""A worker of the drill in a process of its own, until it is killed.

It runs what the shop's worker runs, one thing after the other, at the drill's time and against the drill's gateway.
"""

import os
import subprocess
import sys
import threading

from django.conf import settings

from operations.drill import chores
from operations.drill.gateway import DistantGateway, Exchange

START = "import django; django.setup(); from operations.drill import worker; worker.main()"
KEY = "DRILL_KEY"
BREATH_SECONDS = 0.05


def started(*, exchange: Exchange, database_url: str) -> "subprocess.Popen[bytes]":
    """Start one, and return its process."""
    environment = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": settings.REDIS_URL, KEY: exchange.key.hex()}
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", START, str(exchange.address[1]), str(os.getpid())],
        env=environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def main() -> None:
    """Work. The arguments: the port of the exchange, and the process that must not be outlived."""
    port, parent = int(sys.argv[1]), int(sys.argv[2])
    gateway = DistantGateway(address=("127.0.0.1", port), key=bytes.fromhex(os.environ[KEY]))
    with chores.gateway_in_place(lambda: gateway):
        while os.getppid() == parent:
            for chore in chores.ALL:
                moment = gateway.now()  # ends with the exchange
                with chores.come_what_may():
                    chore(moment)
                threading.Event().wait(BREATH_SECONDS)
