"""The contract of private doors, held against houses made for it, and against this one."""

import tomllib

import pytest
from grimp import ImportGraph

from devstack.state import ROOT
from tools.contracts import PrivateDoors

DOORS = ["admin", "tasks", "urls", "views"]


def contract() -> PrivateDoors:
    return PrivateDoors(name="doors", session_options={}, contract_options={"doors": DOORS, "shared": ["desk"]})


def house(*imports: tuple[str, str]) -> ImportGraph:
    graph = ImportGraph()
    for importer, imported in imports:
        for name in (importer, imported):
            for place in range(name.count(".") + 1):
                graph.add_module(".".join(name.split(".")[: place + 1]))
        graph.add_import(importer=importer, imported=imported)
    return graph


@pytest.mark.parametrize(
    ("importer", "imported", "kept"),
    [
        ("orders.urls", "orders.views", True),
        ("payments.views", "orders.services", True),
        ("payments.views", "orders.views", False),
        ("backoffice.admin.shop", "scheduling.admin.stranding", False),
        ("payments.services", "accounts.tasks", False),
        ("config.celery", "accounts.tasks", False),
        ("payments.tests.test_views", "orders.views", True),
        ("payments.admin", "desk.admin", True),
        ("newcomer.services", "stranger.admin", False),
    ],
)
def test_a_door_is_opened_from_inside_alone(importer: str, imported: str, kept: bool) -> None:
    check = contract().check(house((importer, imported)), verbose=False)
    assert check.kept is kept
    assert check.metadata["broken"] == ([] if kept else [(importer, imported)])


def test_every_door_of_this_house_is_known_to_the_contract() -> None:
    """Rooms that take requests, pages, messages of the clock and commands are doors, in every app that has them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [doors] = [set(one["doors"]) for one in settings["contracts"] if one["type"] == "private_doors"]
    assert {"admin", "management", "pages", "tasks", "urls", "views"} <= doors
