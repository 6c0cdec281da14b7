"""Every event that is emitted is mapped, every mapped function exists and can be called as the outbox calls it."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from config.subscriptions import SUBSCRIPTIONS
from devstack.state import ROOT

APPS = [path.parent.name for path in ROOT.glob("*/apps.py")]
NOUNS = {name.partition(".")[0] for name in SUBSCRIPTIONS}
EVENT = re.compile(rf"({'|'.join(sorted(NOUNS))})\.[a-z_]+")
NO_EVENTS = {
    "account.invalid",  # the domain of closed accounts
    "account.invited",  # a letter that is sent at once
    "order.discounted",  # reasons of steps in an order's history
    "order.undone",
}
EMITTERS = {"emit", "rows", "announce"}
# Names that are put together from a state; the words are those that the state can be.
FORMED = {
    "f'fulfilment.{target}'": {"fulfilment.ready", "fulfilment.shipped", "fulfilment.delivered"},
    "f'appointment.{target}'": {f"appointment.{word}" for word in ("cancelled", "expired", "completed", "no_show")},
}


def sources() -> list[Path]:
    """Return the services of every app."""
    return [path for app in APPS for path in (ROOT / app).glob("services/**/*.py")] + list(ROOT.glob("*/services.py"))


def names_in(path: Path) -> set[str]:
    """Return the events a file can emit: names it spells, and names it puts together for an emitter."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and EVENT.fullmatch(node.value):
            found |= {node.value} - NO_EVENTS
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in EMITTERS:
            for keyword in node.keywords:
                if keyword.arg == "name" and isinstance(keyword.value, ast.JoinedStr):
                    found |= FORMED[ast.unparse(keyword.value)]
    return found


def test_every_emitted_event_is_mapped_and_nothing_else_is() -> None:
    assert set().union(*map(names_in, sources())) == set(SUBSCRIPTIONS)


@pytest.mark.parametrize("path", sorted({path for paths in SUBSCRIPTIONS.values() for path in paths}))
def test_every_listener_can_be_called_as_the_outbox_calls_it(path: str) -> None:
    inspect.signature(import_string(path)).bind(name="x", payload={}, event_id=None, now=None)
