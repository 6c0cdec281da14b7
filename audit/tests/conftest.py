"""What several tests of the audit use."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from django.db import connection


@pytest.fixture
def operator() -> Iterator[psycopg.Connection[Any]]:
    """Somebody who is signed in at the database with psql."""
    settings = connection.get_connection_params()
    named = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if settings.get(name)}
    with closing(psycopg.connect(**named, autocommit=True, application_name="psql")) as session:
        yield session
