"""SQL obeys the street too: a statement names tables of its own app or of those below it.

The linter of imports sees no strings, so this reads every text of the production code and looks for the names of tables.
"""

import ast
import functools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
NAME = re.compile(r"[a-z_]+")


@functools.cache
def street() -> list[list[str]]:
    """Return the floors of the street, the highest first, from the contract that the linter holds."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["name"].startswith("The street"))
    return [re.findall(r"\w+", floor) for floor in layers]


@functools.cache
def reachable(app: str) -> set[str]:
    """Return the apps whose tables an app may name: its own, and those on the floors below."""
    floors = street()
    own = next(place for place, floor in enumerate(floors) if app in floor)
    return {app}.union(*floors[own + 1 :])


@functools.cache
def tables() -> dict[str, str]:
    """Return, by table, the app that owns it; our own apps only."""
    ours = {app for floor in street() for app in floor}
    return {
        model._meta.db_table: model._meta.app_label
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in ours
    }


@functools.cache
def named(source: str) -> list[tuple[int, str]]:
    """Return the tables that the texts of a module name, with their lines; what says what it is for is not read."""
    known = tables()
    nodes = list(ast.walk(ast.parse(source)))
    told = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return [
        (node.lineno, word)
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
        for word in NAME.findall(node.value)
        if word in known
    ]


def production() -> Iterator[tuple[str, Path]]:
    """Return every module of the apps that is neither a test nor a migration, with its app."""
    for app in (app for floor in street() for app in floor):
        for path in sorted((ROOT / app).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield app, path


def uphill(app: str, source: str) -> list[str]:
    """Return the tables above or beside its app that a module names."""
    allowed = reachable(app)
    return [f"{line}: {table}" for line, table in named(source) if tables()[table] not in allowed]


def test_statements_name_only_tables_of_their_own_app_or_below() -> None:
    found = {
        str(path.relative_to(ROOT)): wrong for app, path in production() if (wrong := uphill(app, path.read_text()))
    }
    assert found == {}


def test_the_statements_are_really_read() -> None:
    seen = {(app, tables()[table]) for app, path in production() for _line, table in named(path.read_text())}
    assert {
        ("storefront", "catalog"),
        ("storefront", "inventory"),
        ("orders", "orders"),
        ("inventory", "catalog"),
    } <= seen


@pytest.mark.parametrize(
    ("app", "source", "found"),
    [
        ("inventory", 'X = "SELECT 1 FROM orders_order"', ["1: orders_order"]),
        ("inventory", 'X = f"UPDATE scheduling_appointment SET {1}"', ["1: scheduling_appointment"]),
        ("orders", 'X = "SELECT 1 FROM payments_payment JOIN cart_cart"', ["1: payments_payment"]),
        ("orders", 'X = "SELECT 1 FROM inventory_stockitem"', []),
        ("orders", 'X = "admin:payments_payment_changelist"', []),
        ("cart", '"""It never writes orders_order."""', []),
    ],
)
def test_a_statement_that_looks_uphill_is_found(app: str, source: str, found: list[str]) -> None:
    assert uphill(app, source) == found
