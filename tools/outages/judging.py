"""What the shop says of itself meanwhile, and what is true of it afterwards."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from devstack.ports import LOOPBACK
from devstack.shop import TASK_PROCESSES
from tools.outages.buyers import Heard
from tools.outages.premises import SKUS, UNITS_EACH, Premises

EVERY = 0.5
LOOKS = 5.0
"""Seconds that whoever watches waits for an answer."""

LETTERS_UNDER_WAY = TASK_PROCESSES
"""Letters that may come once more after an outage: the one that each process of the worker of letters was at. SMTP has
no key under which a server would know a letter again (RFC 1047)."""

_ORDERS = """
SELECT contact.email, the.number, the.paid = the.total FROM orders_ordercontact contact
JOIN orders_order the ON the.id = contact.order_id WHERE contact.email = ANY(%s)
"""
_VISITS = "SELECT contact_email, public_id::text FROM scheduling_appointment WHERE contact_email = ANY(%s)"
_WAITING = "SELECT count(*) FROM common_outboxmessage WHERE done_at IS NULL AND dead_at IS NULL"
_GIVEN_UP = "SELECT count(*) FROM common_outboxmessage WHERE dead_at IS NOT NULL"
_LETTERS = "SELECT identity::text, held_back <> '' FROM common_sentletter"
_OF_ORDERS = """
SELECT the.number, message.event_id::text, contact.email FROM common_outboxmessage message
JOIN orders_order the ON the.number = message.payload->>'order'
JOIN orders_ordercontact contact ON contact.order_id = the.id
WHERE message.handler = 'orders.services.mail_customer' ORDER BY message.occurred_at, message.id
"""
_UNSENT = "SELECT count(*) FROM scheduling_appointmentnotice WHERE sent_at IS NULL"
_SHELVES = "SELECT sum(on_hand) FROM inventory_stockitem"
_UNPAID = "SELECT count(*) FROM orders_order WHERE number = ANY(%s) AND paid <> total"


@dataclass
class Readiness:
    """What /health/ready/ said, and when it began to say that."""

    said: list[tuple[float, str]] = field(default_factory=list)

    @property
    def now(self) -> str:
        """What it said last."""
        return self.said[-1][1] if self.said else ""

    def since(self, at: float) -> list[str]:
        """Return what it has said from then on, each once."""
        return list(dict.fromkeys(what for when, what in self.said if when >= at))

    def ask(self, port: int) -> None:
        """Ask once."""
        line = http.client.HTTPConnection(LOOPBACK, port, timeout=LOOKS)
        try:
            line.request("GET", "/health/ready/")
            found = line.getresponse()
            checks = json.loads(found.read())["checks"]
            odd = [f"{name} {value}" for name, value in checks.items() if value != "ok"]
            what = f"{found.status} {', '.join(odd) or 'ok'}"
        except (OSError, http.client.HTTPException, ValueError):
            what = f"no answer in {LOOKS:.0f} s"
        finally:
            line.close()
        self.said.append((time.monotonic(), what))


@contextmanager
def watching(port: int) -> Iterator[Readiness]:
    """Ask a web unit how the shop stands for the length of a block."""
    found, is_over = Readiness(), threading.Event()
    found.ask(port)

    def watch() -> None:
        while not is_over.wait(EVERY):
            found.ask(port)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield found
    finally:
        is_over.set()
        watcher.join()


def doctor(premises: Premises) -> dict[str, str]:
    """Return what the doctor finds, by probe: warnings and problems, with what they say."""
    done = premises.manage("doctor", "--json")
    try:
        found = json.loads(done.stdout)["findings"]
    except ValueError:
        return {"doctor": (done.stderr or done.stdout)[-200:]}
    return {one["probe"]: f"{one['level']}: {one['what']}" for one in found if one["level"] in ("problem", "warning")}


def waiting(premises: Premises, heard: Heard) -> int:
    """Return how many messages are not delivered yet, and how many payments the shop has not heard of."""
    left, unpaid = premises.asked(_WAITING), premises.asked(_UNPAID, list(heard.paid))
    return int(str(left[0][0])) + int(str(unpaid[0][0]))


def letters_doubled(premises: Premises) -> int:
    """Return how often a letter came that had come before, under the same Message-ID."""
    taken = _taken(premises)
    return len(taken) - len(set(taken))


def too_many_doubled(letters: int) -> list[str]:
    """Return what is wrong with so many letters that came twice: nothing, up to those that were under way."""
    return [f"{letters} letters came twice, at most {LETTERS_UNDER_WAY} may"] if letters > LETTERS_UNDER_WAY else []


def letters_overtaken(premises: Premises) -> int:
    """Return how many letters were begun and then not sent, because a later one about the same order was."""
    return len(_Letters(premises).overtaken)


class _Letters:
    """Which letters there were, by their identity (`orders.emails`), and what became of them."""

    def __init__(self, premises: Premises) -> None:
        rows = premises.asked(_LETTERS)
        self.came = set(_taken(premises))
        self.held_back = {str(one) for one, is_held in rows if is_held}
        self.missing = {str(one) for one, is_held in rows if not is_held} - self.came
        self.of_orders: dict[str, list[str]] = {}
        for number, event, email in premises.asked(_OF_ORDERS):
            self.of_orders.setdefault(str(number), []).append(str(uuid5(UUID(str(event)), str(email))))

    @property
    def overtaken(self) -> set[str]:
        """Those that would have told what was not true any more: a later one of the same order came."""
        found = set()
        for letters in self.of_orders.values():
            last = max((place for place, one in enumerate(letters) if one in self.came), default=0)
            found |= self.missing & set(letters[:last])
        return found

    def wrong(self, orders: Iterable[str]) -> list[str]:
        """Return what is wrong with them: one is lost, or nobody was written to about one of these orders."""
        lost, told = self.missing - self.overtaken, self.came | self.held_back
        untold = [number for number in orders if not told.intersection(self.of_orders.get(number, ()))]
        found = [f"{len(lost)} letters never came"] if lost else []
        return found + ([f"{len(untold)} orders without a letter"] if untold else [])


def wrong_with(premises: Premises, heard: Heard) -> list[str]:
    """Return what was lost or doubled; nothing must be."""
    found = misplaced(heard, asked=premises.asked)
    if unpaid := premises.asked(_UNPAID, list(heard.paid))[0][0]:
        found.append(f"{unpaid} orders that were paid once have another sum than their total")
    found += _Letters(premises).wrong(number for number in heard.orders.values() if number)
    if unsent := premises.asked(_UNSENT)[0][0]:
        found.append(f"{unsent} letters about visits were begun and not sent")
    if left := premises.asked(_WAITING)[0][0]:
        found.append(f"{left} messages still wait")
    if dead := premises.asked(_GIVEN_UP)[0][0]:
        found.append(f"{dead} messages were given up")
    if (units := premises.asked(_SHELVES)[0][0]) != len(SKUS) * UNITS_EACH:
        found.append(f"{units} units on the shelves")
    examined = premises.manage("check_integrity")
    return found + ([] if examined.returncode == 0 else [examined.stdout[-600:] + examined.stderr[-200:]])


def misplaced(heard: Heard, *, asked: Callable[..., list[tuple[object, ...]]]) -> list[str]:
    """Return which wishes were never answered, and which orders and visits are not there once as it was told.

    `asked`: returns the rows of a statement with its values.
    """
    found = [f"never answered: {one}" for one in heard.gone_home]
    for what, wanted, statement in (("order", heard.orders, _ORDERS), ("visit", heard.visits, _VISITS)):
        there: dict[str, list[str]] = {}
        for mailbox, name, *_more in asked(statement, list(wanted)):
            there.setdefault(str(mailbox), []).append(str(name))
        for mailbox, name in wanted.items():
            rows = there.get(mailbox, [])
            if rows != ([name] if name else []):
                found.append(f"{what} {name or 'that nobody acknowledged'}: {len(rows)} rows {rows}")
    return found


def _taken(premises: Premises) -> list[str]:
    return premises.letters_taken.read_text().split() if premises.letters_taken.exists() else []
