"""Tasks: on which queue each one runs, for how long at most, and when.

Three queues, so that nothing waits for what is slow. `sweeps` frees what ran out and does what follows from an order;
`letters` waits for mail servers; `heavy` reads spreadsheets, sums days and tidies up. One worker takes `sweeps` alone.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import kombu


@dataclass(frozen=True)
class Queue:
    """A queue: seconds after which its tasks are asked to end, seconds after which they are ended, and its tasks.

    By task: the name in the schedule and the seconds between two runs; no name where a page asks for the task.
    """

    soft: int
    hard: int
    tasks: dict[str, tuple[str, int]]


ASKED_FOR = ("", 0)

QUEUES: dict[str, Queue] = {
    "sweeps": Queue(
        soft=120,
        hard=150,
        tasks={
            "common.tasks.relay_outbox": ("relay", 10),
            "common.tasks.beat": ("beat", 30),
            "inventory.tasks.release_expired": ("release", 60),
            "cart.tasks.expire_carts": ("carts", 60),
            "orders.tasks.expire_due_orders": ("orders", 60),
            "scheduling.tasks.release_expired": ("holds", 60),
            "counter.tasks.end_awaited": ("awaited", 60),
            "payments.tasks.look_after_money": ("money", 60),
        },
    ),
    "letters": Queue(
        soft=120,
        hard=150,
        tasks={
            "common.tasks.relay_letters": ("mail", 10),
            "scheduling.tasks.send_reminders": ("reminders", 900),
        },
    ),
    "heavy": Queue(
        soft=540,
        hard=600,
        tasks={
            "spreadsheets.tasks.prepare": ASKED_FOR,
            "spreadsheets.tasks.take_in": ASKED_FOR,
            "orders.tasks.know_customers": ("customers", 60),
            "customers.tasks.take_in_accounts": ("accounts", 300),
            "reports.tasks.keep_days": ("sums", 300),
            "operations.tasks.examine": ("integrity", 900),
            "orders.tasks.settle_missed_visits": ("missed", 3600),
            "common.tasks.purge_idempotency": ("purge", 3600),
            "accounts.tasks.forget_sessions": ("sessions", 3600),
            "desk.tasks.forget_files": ("files", 3600),
            "spreadsheets.tasks.forget_rows": ("spreadsheets", 3600),
            "common.tasks.forget_messages": ("messages", 86400),
            "common.tasks.forget_letters": ("letters", 86400),
            "cart.tasks.forget_carts": ("old carts", 86400),
            "chats.tasks.forget_old": ("chats", 86400),
            "payments.tasks.reconcile_payments": ("reconciliation", 86400),
        },
    ),
}

DEFAULT_QUEUE = "heavy"

TAKEN = [kombu.Queue(name) for name in QUEUES]
"""What a worker takes that is started without `--queues`: everything."""

ROUTES: dict[str, dict[str, str]] = {task: {"queue": name} for name, queue in QUEUES.items() for task in queue.tasks}

LIMITS: dict[str, dict[str, int]] = {
    task: {"soft_time_limit": queue.soft, "time_limit": queue.hard} for queue in QUEUES.values() for task in queue.tasks
}

SCHEDULE: dict[str, dict[str, Any]] = {
    name: {"task": task, "schedule": timedelta(seconds=seconds), "options": {"expires": seconds}}
    for queue in QUEUES.values()
    for task, (name, seconds) in queue.tasks.items()
    if name
}
