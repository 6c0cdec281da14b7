"""All calls, and what has none."""

from collections.abc import Iterator

import yaml
from django.conf import settings

from tools.calls import Call, buying, desk, people, team
from tools.calls.ground import API

METHODS = ("get", "post", "put", "patch", "delete")


def calls() -> Iterator[Call]:
    """Yield every call: buyers, the team, accounts, the desk."""
    yield from (*buying.CALLS, *team.CALLS, *people.CALLS)
    yield from desk.calls()


def calls_named(text: str) -> list[Call]:
    """Return the calls in whose name this stands. Raises LookupError where there is none."""
    if found := [call for call in calls() if text in call.name]:
        return found
    raise LookupError(f"{text!r} stands in the name of no call")


def without_example() -> list[str]:
    """Return the operations of the API that no call asks for, by the description of the API."""
    described = yaml.safe_load(settings.OPENAPI_FILE.read_text())["paths"]
    known = {call.route for call in calls()}
    found = [
        f"{method.upper()} {path.removeprefix(API)}"
        for path, operations in described.items()
        for method in operations
        if method in METHODS
    ]
    return sorted(set(found) - known)


def without_route() -> list[str]:
    """Return the calls of the API that ask for no operation it describes."""
    described = yaml.safe_load(settings.OPENAPI_FILE.read_text())["paths"]
    found = {f"{method.upper()} {path.removeprefix(API)}" for path, one in described.items() for method in one}
    return sorted({call.route for call in calls() if " /admin/" not in call.route} - found)
