"""Real workers: letters, sweeps and heavy work do not wait for each other, and a full Redis ends nobody."""

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import redis as redis_library
from django.db import connection

from accounts.tests import factories as people
from cart.models import Cart
from common import clock, outbox
from common.models import Heartbeat
from common.tests.mail_server import mail_server
from common.transactions import unit_of_work
from config.celery import app
from config.settings.servers import broker
from config.tests.test_settings import SECRETS
from devstack import ports, processes, shop, state
from devstack.servers import ValkeyServer

PATIENCE = 40


@dataclass
class Workers:
    """The workers of a shop of production, on the database of this test and a Redis of their own."""

    environment: dict[str, str]
    broker_url: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def ask(self, *names: str) -> None:
        """Ask for tasks, each on its queue."""
        with app.connection_for_write(self.broker_url) as line:
            for name in names:
                app.send_task(name, connection=line, retry=False)

    def alive(self) -> set[str]:
        return {name for name, process in self.processes.items() if process.poll() is None}


@contextmanager
def working(redis_url: str, var: Path, **variables: str) -> Iterator[Workers]:
    """Start the workers as `make run` does, under production settings."""
    parts = connection.settings_dict
    url = f"postgres://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
    place = shop.Place(ports.LOOPBACK, ports.free_port())
    environment = shop.environment(
        shop.bare_environment() | SECRETS | {"DJANGO_SETTINGS_MODULE": "config.settings.production"} | variables,
        database_url=url, redis_url=redis_url, place=place, var=var,
    )  # fmt: skip
    made = Workers(environment, broker(redis_url))
    with ExitStack() as stack:
        for service in shop.services(environment=environment, place=place, var=var):
            if service.name in shop.WORKERS:
                process = processes.spawn(
                    service.command, environment=environment, directory=state.ROOT, output=subprocess.DEVNULL
                )
                stack.callback(processes.end, process, politely=service.stop_signal, seconds=20)
                made.processes[service.name] = process
        yield made


def soon(true: Callable[[], bool], *, seconds: float = PATIENCE) -> bool:
    return processes.wait_until(true, seconds=seconds, every=0.1)


def ran_out() -> Cart:
    """Make a cart that ran out."""
    now = clock.now()
    return Cart.objects.create(created_at=now - timedelta(hours=2), expires_at=now - timedelta(hours=1))


def is_expired(cart: Cart) -> bool:
    cart.refresh_from_db()
    return cart.status == Cart.Status.EXPIRED


def beats(name: str) -> int:
    return Heartbeat.objects.filter(name=name).count()


@pytest.mark.fault("D26")
@pytest.mark.real_clock  # workers of production know no other
@pytest.mark.django_db(transaction=True)
def test_a_silent_mail_server_and_heavy_work_stop_no_sweep(redis_server: ValkeyServer, tmp_path: Path) -> None:
    with mail_server(silent=True) as mail:
        url = f"smtp://127.0.0.1:{mail.port}"
        with working(redis_server.url, tmp_path, EMAIL_URL=url) as workers:
            workers.ask("common.tasks.beat")
            assert soon(lambda: beats("worker") == 1)
            person = people.user(email_verified_at=None)
            with unit_of_work():
                for _letter in range(50):
                    told = {"user": str(person.public_id), "email": person.email}
                    outbox.emit(name="account.registered", payload=told, now=clock.now())
            workers.ask(*["common.tasks.relay_letters"] * 6, *["reports.tasks.keep_days"] * 6)
            for _round in range(3):
                cart = ran_out()
                workers.ask("cart.tasks.expire_carts")
                assert soon(partial(is_expired, cart), seconds=30)
            assert soon(lambda: mail.sessions > 0)
            assert workers.alive() == {"worker", "letters"}


@pytest.mark.fault("D15")
@pytest.mark.django_db(transaction=True)
def test_a_full_redis_ends_no_worker_and_they_go_on_by_themselves(redis_server: ValkeyServer, tmp_path: Path) -> None:
    client = redis_library.Redis.from_url(redis_server.url)
    with working(redis_server.url, tmp_path, EMAIL_URL="none") as workers:
        workers.ask("common.tasks.beat", "common.tasks.relay_letters")
        assert soon(lambda: beats("worker") == 1 and beats("mail") == 1)
        waiting = ["common.tasks.beat", "common.tasks.relay_letters"] * 20
        for process in workers.processes.values():
            processes.send(process.pid, signal.SIGSTOP)  # what is asked now is taken when Redis is full
        workers.ask(*waiting)
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1")
        for process in workers.processes.values():
            processes.send(process.pid, signal.SIGCONT)
        threading.Event().wait(12)
        assert workers.alive() == {"worker", "letters"}
        client.config_set("maxmemory", "0")
        Heartbeat.objects.all().delete()
        workers.ask("common.tasks.beat", "common.tasks.relay_letters")
        assert soon(lambda: beats("worker") == 1 and beats("mail") == 1)
        assert workers.alive() == {"worker", "letters"}


@pytest.mark.fault("D10")
@pytest.mark.real_clock
@pytest.mark.django_db(transaction=True)
def test_a_redis_that_dies_during_a_task_ends_no_worker(redis_server: ValkeyServer, tmp_path: Path) -> None:
    with mail_server(silent=True) as mail:
        url = f"smtp://127.0.0.1:{mail.port}"
        with working(redis_server.url, tmp_path, EMAIL_URL=url) as workers:
            person = people.user(email_verified_at=None)
            told = {"user": str(person.public_id), "email": person.email}
            with unit_of_work():
                outbox.emit(name="account.registered", payload=told, now=clock.now())
            workers.ask("common.tasks.beat", "common.tasks.relay_letters")
            assert soon(lambda: beats("worker") == 1 and mail.sessions > 0)  # the server is waited for
            redis_server.kill()
            threading.Event().wait(2)
            redis_server.start()
            Heartbeat.objects.all().delete()
            workers.ask("common.tasks.beat", "common.tasks.relay_letters")
            assert soon(lambda: beats("worker") == 1 and beats("mail") == 1)
            assert workers.alive() == {"worker", "letters"}
