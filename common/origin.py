"""Whence a change comes: who makes it, through which door, in which request; the database is told with every BEGIN.

The engine (`common.postgres`) sends the settings beside BEGIN, in one message, so they cost no statement and no round
trip, and they end with the transaction: a session that a pooler hands on tells nobody of whoever had it before. The
triggers of `audit` write down what they find there. SQL that comes another way has no such settings, and is written
down with the database role that it signed in as.
"""

import re
import sys
from contextvars import ContextVar
from pathlib import Path

import structlog
from celery import current_task

ACTOR, DOOR, REQUEST = "balcao.actor", "balcao.door", "balcao.request"
LOGIN, GUEST, SYSTEM = "login:", "guest", "system"
TASK, COMMAND = "task ", "command "
LONGEST = 120

_UNSAFE = re.compile(r"[^ !#-&(-\[\]-~]")  # what could end a quoted text, or is no plain ASCII
_route: ContextVar[str] = ContextVar("route_entered", default="")


def entered(route: str) -> None:
    """Say by which route the request came in that is being answered; an empty one when it is answered."""
    _route.set(route)


def door() -> str:
    """Return where this runs: the route of the request, the task, or the command."""
    if route := _route.get():
        return route
    if task := getattr(current_task, "name", ""):
        return f"{TASK}{task}"
    program = Path(sys.argv[0]).name if sys.argv else ""
    return f"{COMMAND}{sys.argv[1] if program == 'manage.py' and len(sys.argv) > 1 else program}"


def actor(*, known: dict[str, object]) -> str:
    """Return who acts, by what the log's lines carry: a login, a guest, or the shop by itself."""
    login = known.get("login", SYSTEM)
    if not _route.get():
        return SYSTEM  # a task carries the login of whoever woke it, and works for many
    return f"{LOGIN}{login}" if isinstance(login, int) else GUEST


def settings() -> bytes:
    """Return the statements that tell the running transaction's origin to the database."""
    known = structlog.contextvars.get_contextvars()
    told = ((ACTOR, actor(known=known)), (DOOR, door()), (REQUEST, str(known.get("request_id", ""))))
    return "; ".join(f"SET LOCAL {name} = '{_safe(value)}'" for name, value in told).encode()


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text[:LONGEST])
