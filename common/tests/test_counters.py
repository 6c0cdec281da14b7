"""Counts of a process: they add up, they are told once, and every name of an event is known."""

import ast
import os
from pathlib import Path

from common import counters
from devstack.state import ROOT

SERIES = ("test", "some", "words")


def names_counted() -> dict[str, Path]:
    """Every name that the shop's code calls `counters.increment` with."""
    found = {}
    apps = [path.parent for path in ROOT.glob("*/__init__.py")]  # `var` may hold a whole Debian
    for path in (path for app in apps for path in app.rglob("*.py") if "tests" not in path.relative_to(ROOT).parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "counters.increment":
                found[ast.literal_eval(node.args[0])] = path
    return found


def test_every_event_that_is_counted_says_what_it_means_and_no_other_does() -> None:
    assert set(names_counted()) == set(counters.EVENTS)


def test_counts_add_up() -> None:
    before = counters.total(SERIES)
    counters.count(SERIES)
    counters.count(SERIES, by=2)
    counters.count_all({SERIES: 3})
    assert counters.total(SERIES) == before + 6


def test_an_event_is_a_series_of_its_own() -> None:
    before = counters.read("lock_lost")
    counters.increment("lock_lost")
    counters.increment("lock_lost", by=2)
    assert counters.read("lock_lost") == counters.total(("event", "lock_lost")) == before + 3


def test_what_was_told_is_told_no_more() -> None:
    counters.count(SERIES, by=5)
    first = counters.untold()
    assert first[SERIES] >= 5
    counters.count(SERIES)  # while somebody is being told
    counters.told(first)
    assert counters.untold() == {SERIES: 1}
    counters.told({SERIES: 1})
    assert counters.untold() == {}


def test_a_process_that_was_forked_begins_with_nothing() -> None:
    counters.count(SERIES)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, repr(counters.untold()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1000) == b"{}"
    os.close(reading)
    os.close(writing)
