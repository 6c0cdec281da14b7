"""Whether the database is already what the code wants, told in milliseconds and without Django.

A stamp remembers the code and the list of applied migrations of the last preparation. Both must still be the same, and
the shop must be neither empty nor half filled, for the preparation to be skipped; so a restored, replaced or emptied
database is noticed, and a demonstration that was interrupted.
"""

import hashlib
import json
from pathlib import Path

import psycopg

from devstack import state

CODE = (
    "Pipfile.lock",
    "*/migrations/*.py",
    "backoffice/roles.py",
    "config/settings/*.py",
    "devstack/prepare.py",
)
STAMP = "devstack-prepared.json"

_INTERRUPTED = """
SELECT 1 FROM common_milestone WHERE name = 'demonstration.begun'
   AND NOT EXISTS (SELECT 1 FROM common_milestone WHERE name = 'demonstration.completed')
"""


def _code(root: Path = state.ROOT) -> str:
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(root.glob(pattern)):
            digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _database(url: str) -> str | None:
    try:
        with psycopg.connect(url, connect_timeout=3) as connection:
            if connection.execute("SELECT 1 FROM catalog_product LIMIT 1").fetchone() is None:
                return None
            if connection.execute(_INTERRUPTED).fetchone() is not None:
                return None
            rows = connection.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    except psycopg.Error:
        return None
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def is_up_to_date(url: str, *, var: Path) -> bool:
    """Tell whether the database at `url` is as the last preparation left it, and the code is the same."""
    try:
        known = json.loads((var / STAMP).read_text())
    except (OSError, ValueError):
        return False
    database = _database(url)
    return database is not None and known == {"code": _code(), "database": database}


def remember(url: str, *, var: Path) -> None:
    """Note that the database at `url` has just been prepared."""
    state.write_private(var / STAMP, json.dumps({"code": _code(), "database": _database(url)}))
