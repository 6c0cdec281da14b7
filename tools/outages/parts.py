"""What can be taken away: how it goes, and how it comes back."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import psycopg

from tools.outages.copies import Copies
from tools.outages.premises import Premises

AWAY = 10.0
SEGMENTS = 64
"""More than PostgreSQL keeps ready for its next changes."""

_NEXT_SEGMENT = "SELECT pg_logical_emit_message(true, 'outage', 'x'), pg_switch_wal()"
UNSEEN = {"worker": 150.0, "beat": 150.0}
"""Seconds after which readiness has missed them."""

HANGING = {"web 1": 10.0, "mail server": 20.0, "Redis": 10.0, "PgBouncer": 40.0, "PostgreSQL": 40.0}
"""What may hang, and for how many seconds: a database for longer than anybody waits for its word."""


class Thing(Protocol):
    """What can die, and hang."""

    def kill(self) -> None:
        """End it as an accident would."""

    def start(self) -> None:
        """Start it, again where it has run before."""

    def pause(self) -> None:
        """Let it hang."""

    def resume(self) -> None:
        """Let it go on."""


@dataclass(frozen=True)
class Part:
    """A part of the shop.

    `before`: what begins before anybody buys. `tried`: what somebody tries meanwhile, and what is wrong with how that
    ended. `after`: what is wrong once all is well.
    """

    name: str
    goes: Callable[[], None]
    comes_back: Callable[[], None]
    away: float = AWAY
    before: Callable[[], None] = lambda: None
    tried: Callable[[], list[str]] = list
    after: Callable[[], list[str]] = list


def parts_of(premises: Premises) -> list[Part]:
    """Return what can be taken away on this machine."""
    names = ("nginx", "web 1", "worker", "letters", "beat", "mail server")
    things: dict[str, Thing] = {name: premises.parts[name] for name in names}
    things |= {"Redis": premises.memory, "PgBouncer": premises.pooler, "PostgreSQL": premises.server}
    things["standby"] = premises.servers.standby
    found = [Part(name, one.kill, one.start, UNSEEN.get(name, AWAY)) for name, one in things.items()]
    found += [Part(f"{name} hangs", things[name].pause, things[name].resume, away) for name, away in HANGING.items()]
    gone = Part("PostgreSQL for good", premises.server.kill, partial(_promoted, premises))
    return [*found, *_disks(premises), gone]


def _promoted(premises: Premises) -> None:
    """Let the standby take writes, and PgBouncer lead there."""
    premises.servers.promote()
    premises.roles.server = premises.server
    premises.pooler.kill()
    premises.pooler.start()


def _disks(premises: Premises) -> list[Part]:
    found = []
    if disk := premises.disks.get("database"):
        found.append(Part("disk full", disk.fill, disk.make_room))
        found.append(Part("disk full, no room for WAL", partial(_fill_wal, premises), partial(_free_wal, premises)))
    if "copies" in premises.disks:
        it = Copies(premises)
        found.append(
            Part("disk of copies full", it.fill, it.make_room, before=it.begin, tried=it.tried, after=it.followed)
        )
    return found


def _fill_wal(premises: Premises) -> None:
    """Fill the disk, and use up the files that PostgreSQL keeps for its next changes."""
    with suppress(psycopg.Error), psycopg.connect(premises.server.url, autocommit=True) as connection:
        connection.execute(_NEXT_SEGMENT)  # who connects when the disk is full may find no room for that already
        premises.disks["database"].fill()
        for _segment in range(SEGMENTS):
            connection.execute(_NEXT_SEGMENT)


def _free_wal(premises: Premises) -> None:
    """Make room, and restart the server, whether it has ended or is still there and lets nobody in."""
    premises.disks["database"].make_room()
    premises.server.kill()
    premises.server.start()
