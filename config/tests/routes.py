"""Every route of the shop, with the parameters of its path, for tests that walk all of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """A route: its parts between the parameters, the parameters by name, and what answers it."""

    pattern: str
    name: str
    parameters: tuple[str, ...]
    answers: Any

    def path(self, *, given: Mapping[str, str]) -> str:
        """Return the path with every parameter as given."""
        path = "/" + self.pattern
        for parameter in self.parameters:
            start = path.index("<")
            end = path.index(">", start)
            path = path[:start] + quote(given[parameter], safe="/") + path[end + 1 :]
        return path


def routes(*, patterns: list[Any] | None = None, prefix: str = "", space: str = "") -> Iterator[Route]:
    """Give every route that is written with `path`; those of regular expressions take no ids."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from routes(patterns=one.url_patterns, prefix=route, space=inner)
        elif isinstance(one, URLPattern) and "(" not in route and "^" not in route:
            names = tuple(part.partition(">")[0].rpartition(":")[2] for part in route.split("<")[1:])
            yield Route(pattern=route, name=f"{space}{one.name or ''}", parameters=names, answers=one.callback)
