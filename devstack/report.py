"""What the preparation of the database found, for the supervisor to print: which shop it is, and the owner's link.

It stands in a file that only its owner can read, and is gone once it was read, for a link is as good as a password.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from devstack import state

DEMONSTRATION, OWN = "demonstration.begun", "shop.opened"
"""The two ways in which a shop begins, as its database names them."""


@dataclass(frozen=True)
class Report:
    """How the shop began; of somebody's own also the owner's e-mail, and the link if it still waits to be opened."""

    beginning: str
    owner: str = ""
    link: str = ""


def place(*, var: Path) -> Path:
    """Return the path of the file."""
    return var / "devstack-shop.json"


def leave(report: Report) -> None:
    """Write the report down for whoever runs us; outside `make run` there is nobody."""
    var = os.environ.get("DEVSTACK_VAR")
    if var:
        state.write_private(place(var=Path(var)), json.dumps(asdict(report)) + "\n")


def take(*, var: Path) -> Report:
    """Return the report and remove it."""
    path = place(var=var)
    found = Report(**json.loads(path.read_text()))
    path.unlink()
    return found
