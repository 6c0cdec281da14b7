"""How values are read from what the server sends."""

from datetime import UTC, tzinfo
from functools import cache
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg import adapters as psycopg_adapters
from psycopg.abc import AdaptContext
from psycopg.adapt import AdaptersMap, Loader
from psycopg.postgres import types
from psycopg.pq import Format


class Moments(Loader):
    """Reads points in time in UTC by psycopg's compiled loader; Django's reads them by a regular expression.

    `timezone` is asked for by Django, which puts its own loader in the place of one with another.
    """

    timezone = UTC

    def __init__(self, oid: int, context: AdaptContext | None = None) -> None:
        super().__init__(oid, context)
        compiled = psycopg_adapters.get_loader(types["timestamptz"].oid, Format.TEXT)
        if compiled is None:
            raise RuntimeError("psycopg reads no points in time")
        self._compiled = compiled(oid, context)

    def load(self, data: Any) -> Any:
        """Return an aware datetime. Raises DataError for one that Python has none for."""
        return self._compiled.load(data)


@cache
def adapters(zone: tzinfo) -> AdaptersMap:
    """Return Django's way of reading and writing values, with a quicker one for points in time in UTC."""
    found = AdaptersMap(get_adapters_template(settings.USE_TZ, zone))
    if zone == UTC:
        found.register_loader("timestamptz", Moments)
    return found
