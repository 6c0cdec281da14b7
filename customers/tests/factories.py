"""Records of customers for tests, in one line each."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from common.actors import Actor
from customers import services as customers
from customers.models import CustomerRecord

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLERK = Actor(kind="staff", id="1", door="admin")

_numbers = count(1)


def record(**fields: Any) -> CustomerRecord:
    """Return a record that somebody of the team wrote down."""
    written = {"name": f"Cliente {next(_numbers)}"} | fields
    return customers.add_customer(**written, actor=CLERK, now=NOW)
