"""The janitor: its schedule names real tasks, and waking it never makes anybody wait."""

import time
from typing import Any

import pytest
import structlog
import yaml
from celery import Celery
from celery.utils.log import get_task_logger
from kombu.asynchronous import Hub
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from common import workers
from common.tasks import beat
from config.celery import app
from config.consumer import LastingConsumer
from config.settings import tasks
from config.settings.servers import WEB_PATIENCE, WORKER_PATIENCE, broker
from devstack import shop
from devstack.servers import ValkeyServer
from devstack.state import ROOT


def test_every_scheduled_task_exists_and_is_given_back_when_a_worker_dies() -> None:
    app.loader.import_default_modules()
    names = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {
        "common.tasks.relay_outbox",
        "common.tasks.beat",
        "common.tasks.forget_letters",
        "common.tasks.purge_idempotency",
        "inventory.tasks.release_expired",
        "cart.tasks.expire_carts",
        "orders.tasks.expire_due_orders",
    } <= names
    own = {name for name in app.tasks if not name.startswith("celery.")}
    asked = {"spreadsheets.tasks.prepare", "spreadsheets.tasks.take_in"}  # by a page, about one spreadsheet
    assert own == names | asked, "a task that nothing starts, or a start of no task"
    for name in own:
        assert app.tasks[name].acks_late is True


def test_every_task_has_a_queue_that_a_worker_takes_and_an_end() -> None:
    app.loader.import_default_modules()
    own = {name for name in app.tasks if not name.startswith("celery.")}
    taken = [queue for queues in shop.WORKERS.values() for queue in queues.split(",")]
    assert sorted(taken) == sorted(tasks.QUEUES)
    assert own == set(tasks.ROUTES)
    for name in own:
        assert app.amqp.router.route({}, name)["queue"].name in taken
        soft, hard = app.tasks[name].soft_time_limit, app.tasks[name].time_limit
        assert soft is not None
        assert hard is not None
        assert 0 < soft < hard < WORKER_PATIENCE["visibility_timeout"]


def test_no_task_outlives_what_it_has_taken_for_itself() -> None:
    """Who relays, or reminds, is ended before another may take the same messages."""
    for name in ("sweeps", "letters"):
        assert tasks.QUEUES[name].hard == workers.LONGEST_TASK_SECONDS < workers.OUTLIVED.total_seconds()
    assert "scheduling.tasks.send_reminders" in tasks.QUEUES["letters"].tasks


def test_sweeps_wait_for_nobody_else() -> None:
    """What waits for mail servers and spreadsheets, or sums a year, is taken by another worker."""
    assert shop.WORKERS["worker"] == "sweeps"
    quick = tasks.QUEUES["sweeps"].tasks
    assert {name for name in quick if name.endswith(("release_expired", "expire_carts", "expire_due_orders"))} == {
        "cart.tasks.expire_carts",
        "inventory.tasks.release_expired",
        "orders.tasks.expire_due_orders",
        "scheduling.tasks.release_expired",
    }
    assert "common.tasks.relay_letters" not in quick


def test_a_composition_starts_the_workers_that_make_run_starts() -> None:
    services = yaml.safe_load((ROOT / ".docker" / "compose.yaml").read_text())["services"]
    started = {
        name: command[command.index("--queues") + 1]
        for name, service in services.items()
        if "--queues" in (command := service.get("command") or [])
    }
    assert started == shop.WORKERS


def test_a_message_nobody_took_in_time_is_not_piled_up() -> None:
    assert len(app.conf.beat_schedule) > 0
    for entry in app.conf.beat_schedule.values():
        assert entry["options"]["expires"] == entry["schedule"].total_seconds()


def impatient(server: ValkeyServer) -> Celery:
    """Return the application as a web process has it, with a broker of its own."""
    made = Celery("test", set_as_current=False)
    made.conf.update(
        broker_url=broker(server.url),
        broker_transport_options=WEB_PATIENCE,
        broker_connection_timeout=0.25,
        task_publish_retry=False,
        task_ignore_result=True,
    )
    return made


def seconds_of_publishing(made: Celery) -> float:
    """Return how long a failed wake-up takes."""
    began = time.monotonic()
    with pytest.raises((KombuError, RedisError, OSError)):
        made.send_task(beat.name, ignore_result=True, retry=False)
    return time.monotonic() - began


def test_a_task_carries_the_id_of_the_request_that_woke_it(redis_server: ValkeyServer) -> None:
    made = impatient(redis_server)
    with structlog.contextvars.bound_contextvars(request_id="request-12345"):
        made.send_task(beat.name, ignore_result=True, retry=False)
    with made.connection_for_read() as connection:
        queue = connection.SimpleQueue("celery")
        headers: Any = queue.get(timeout=5).headers
        queue.close()
    assert headers["__django_structlog__"]["request_id"] == "request-12345"


@pytest.mark.fault("D10")
def test_how_a_task_ended_is_not_told_to_a_connection_that_is_gone(redis_server: ValkeyServer) -> None:
    line = impatient(redis_server).connection_for_read()
    queue = line.SimpleQueue("celery")
    queue.put("a task")
    message, gone, logger = queue.get(timeout=5), line.connection_errors, get_task_logger(__name__)
    assert message.channel is not None
    message.channel.do_restore = False  # it cannot be given back either
    line.close()
    with pytest.raises(AttributeError, match="NoneType"):
        message.ack_log_error(logger, gone)
    consumer: Any = object.__new__(LastingConsumer)
    consumer.hub = Hub()
    consumer.call_soon_ack(message.ack_log_error, logger, gone)
    assert len(consumer.hub._ready) == 1
    next(consumer.hub.create_loop())
    assert not message.acknowledged


@pytest.mark.fault("D10")
@pytest.mark.parametrize("warm", [True, False])
def test_a_broker_that_hangs_costs_a_moment(redis_server: ValkeyServer, warm: bool) -> None:
    made = impatient(redis_server)
    if warm:
        made.send_task(beat.name, ignore_result=True, retry=False)
    redis_server.pause()
    try:
        assert seconds_of_publishing(made) < 3, "the wake-up waited without end, or tried again"
    finally:
        redis_server.resume()


@pytest.mark.fault("D10")
def test_a_broker_that_is_gone_costs_nothing(redis_server: ValkeyServer) -> None:
    made = impatient(redis_server)
    redis_server.kill()
    assert seconds_of_publishing(made) < 2
