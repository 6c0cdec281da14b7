"""Holds one drill, from an empty shop to the verdict, in a database that was made for it."""

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.wsgi import get_wsgi_application
from django.db import connection, connections
from waitress.server import create_server

from common import clock
from common.models import OutboxMessage
from operations.drill import chores, faults, premises, reading
from operations.drill.faults import Troublemaker
from operations.drill.gateway import NAME, DrillGateway, Exchange
from operations.drill.history import History
from operations.drill.judging import Violation, judge
from operations.drill.people import Client
from operations.drill.post import Post
from operations.scratch import refuse_what_was_not_made_for_it, url_of
from orders.models import Order
from payments.models import GatewayEvent, Payment, Refund

BREATH_SECONDS = 0.1
MOST_ROUNDS = 40


class DrillRefusedError(Exception):
    """No drill is held here."""


@dataclass(frozen=True)
class Plan:
    """How big a drill is, and what goes wrong in it."""

    operations: int = 1000
    clients: int = 8
    seed: int = 1
    faults: frozenset[str] = frozenset(faults.NAMES)


@dataclass
class Report:
    """What came of a drill."""

    plan: Plan
    history: History
    violations: list[Violation]
    seconds: float
    trouble: Counter[str] = field(default_factory=Counter)
    there: dict[str, int] = field(default_factory=dict)
    deadlocks: int = 0

    @property
    def outcomes(self) -> dict[str, Counter[str]]:
        """How many operations of each kind ended how."""
        found: dict[str, Counter[str]] = {}
        for one in self.history.operations:
            found.setdefault(one.kind, Counter())[one.outcome] += 1
        return found


def hold(plan: Plan) -> Report:
    """Hold a drill here. Raises DrillRefusedError anywhere but in an empty database that was made for one."""
    refuse_what_was_not_made_for_it()
    if Order.objects.exists():
        raise DrillRefusedError("There are orders here already.")
    began = time.monotonic()
    gateway = DrillGateway(seed=plan.seed, troubled="gateway" in plan.faults)
    with premises.own_clock(), chores.gateway_in_place(lambda: gateway):
        shop = premises.open_premises()
        history = History()
        before = reading.deadlocks()
        trouble = _open_day(plan=plan, shop=shop, gateway=gateway, history=history)
        connection.close()  # which may have been ended with the others
        _come_to_rest()
        state = reading.read(gateway=gateway, now=clock.now())
    return Report(
        plan=plan,
        history=history,
        violations=judge(history.operations, state),
        seconds=time.monotonic() - began,
        trouble=trouble,
        there={"orders": len(state.orders), "payments": len(state.payments), "refunds": len(state.refunds),
               "visits": len(state.visits), "charges": len(state.came), "events": len(state.events)},
        deadlocks=state.deadlocks - before,
    )  # fmt: skip


def _open_day(*, plan: Plan, shop: premises.Premises, gateway: DrillGateway, history: History) -> Counter[str]:
    """Let everybody in, and wait until the last has gone; returns what went wrong meanwhile."""
    post = Post(gateway=gateway, troubled="webhooks" in plan.faults)
    with ExitStack() as rooms:
        exchange = Exchange(gateway=gateway, clock=clock.now, key=secrets.token_bytes(16))
        rooms.callback(exchange.close)
        address = rooms.enter_context(_served(threads=plan.clients))
        trouble = Troublemaker(
            faults=plan.faults, gateway=gateway, exchange=exchange, history=history, seed=plan.seed,
            database_url=url_of(str(connection.settings_dict["NAME"])),
        )  # fmt: skip
        trouble.start()
        rooms.callback(trouble.stop)
        rooms.enter_context(_worked())
        people = [
            threading.Thread(
                target=Client(
                    name=f"c{number}", address=address, premises=shop, history=history, post=post,
                    loses_answers="answers" in plan.faults, dice=random.Random(f"client {plan.seed} {number}"),  # noqa: S311
                ).work,
                kwargs={"goes_on": lambda: len(history.operations) < plan.operations},
            )
            for number in range(plan.clients)
        ]  # fmt: skip
        for person in people:
            person.start()
        for person in people:
            person.join()
    return trouble.done


@contextmanager
def _served(*, threads: int) -> Iterator[tuple[str, int]]:
    """Serve the shop's own application on a port of its own, until the block ends."""
    server = create_server(
        get_wsgi_application(), host="127.0.0.1", port=0, threads=threads, ident=None, asyncore_use_poll=True
    )
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield "127.0.0.1", int(server.effective_port)
    finally:
        server.task_dispatcher.shutdown()
        server.close()
        serving.join(timeout=10)


@contextmanager
def _worked() -> Iterator[None]:
    """Have a thread do the workers' chores, beside the process that is killed now and then."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(BREATH_SECONDS):
            for chore in chores.ALL:
                with chores.come_what_may():
                    chore(clock.now())
        connections.close_all()

    working = threading.Thread(target=work)
    working.start()
    try:
        yield
    finally:
        stop.set()
        working.join()


def _come_to_rest() -> None:
    """Let time pass and workers work until nothing waits any more; the judge sees what still does."""
    for _round in range(MOST_ROUNDS):
        premises.turn_clock(timedelta(minutes=7))
        for chore in (*chores.ALL, chores.reconcile):
            chore(clock.now())
        if not _waits():
            return
    premises.turn_clock(timedelta(hours=2))
    for chore in (*chores.ALL, *chores.ALL):
        chore(clock.now())


def _waits() -> bool:
    return (
        OutboxMessage.objects.filter(done_at=None, dead_at=None).exists()
        or Order.objects.filter(status="pending").exists()
        or Payment.objects.filter(status="pending").exists()
        or Refund.objects.filter(status__in=["due", "sent"], payment__gateway=NAME).exists()
        or GatewayEvent.objects.filter(status="received").exists()
    )
