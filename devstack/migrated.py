"""The test database of a run, migrated once: a worker's own is a copy of its files.

Applying the migrations takes each process ten seconds, and copying a tenth of one.
"""

import psycopg
from django.conf import settings
from django.db import connection

TEMPLATE = "balcao_migrated"
WHOLE = "SELECT FROM pg_database WHERE datname = %s AND datistemplate"


def once(*, url: str) -> str:
    """Have a migrated database on the run's own server, made by the first process that asks; return its name."""
    with psycopg.connect(url, autocommit=True) as session:  # the lock ends with it
        session.execute("SELECT pg_advisory_lock(1)")
        if session.execute(WHOLE, [TEMPLATE]).fetchone() is None:
            _make()
            session.execute(f"ALTER DATABASE {TEMPLATE} WITH IS_TEMPLATE true")
    return TEMPLATE


def _make() -> None:
    described = connection.settings_dict
    name, wanted = described["NAME"], described["TEST"]["NAME"]
    described["TEST"]["NAME"] = TEMPLATE
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    finally:
        described["TEST"]["NAME"] = wanted
        described["NAME"] = settings.DATABASES[connection.alias]["NAME"] = name
