"""The sandbox beside the shop of `make run`: a provider of play money, so that paying can be tried out at once.

It takes card and Pix unless somebody chose other gateways, or has a sandbox of their own (SANDBOX_URL).
"""

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack import ports, state

NAME = "sandbox"
METHODS = ("CARD_GATEWAY", "PIX_GATEWAY")
PORTS_APART = 100


@dataclass(frozen=True)
class Sandbox:
    """Where it listens, and the variables by which the shop finds it."""

    host: str
    port: int
    variables: dict[str, str]

    @property
    def url(self) -> str:
        """The address for the shop and for a browser."""
        return self.variables["SANDBOX_URL"]

    def command(self, *, var: Path) -> list[str]:
        """Return the words that start it. Its books are kept, as the shop's are."""
        return [
            sys.executable, "-m", NAME, "--host", self.host, "--port", str(self.port),
            "--file", str(var / "sandbox.json"),
        ]  # fmt: skip


def choose(environment: Mapping[str, str], *, host: str, port: int, hostname: str, var: Path) -> Sandbox | None:
    """Return the sandbox for a shop that listens at `host` and `port`; None where nothing is paid through it.

    `hostname`: by which browsers reach the shop, and so the sandbox too.
    """
    gateways = {name: environment.get(name, NAME) for name in METHODS}
    if NAME not in gateways.values() or environment.get("SANDBOX_URL"):
        return None
    own = ports.next_free_port(min(port + PORTS_APART, 65_000), host=host) or ports.free_port()
    secret = state.remembered(var=var).secret_key
    variables = {
        **gateways,
        "SANDBOX_URL": f"http://{hostname}:{own}",
        "SANDBOX_KEY": environment.get("SANDBOX_KEY") or _derived("key", secret),
        "SANDBOX_SECRET": environment.get("SANDBOX_SECRET") or _derived("events", secret),
    }
    return Sandbox(host=host, port=own, variables=variables)


def _derived(purpose: str, secret: str) -> str:
    return hashlib.sha256(f"sandbox {purpose} {secret}".encode()).hexdigest()
