"""Every family of figures there is: its name, what it says and which labels it has.

Labels are words from closed sets. None of them tells of a person, and nothing that a visitor sends becomes one.
"""

from dataclasses import dataclass
from itertools import product
from typing import Literal

from common.counters import EVENTS
from common.security import Event
from orders.models import Order
from payments.models import Refund

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Family:
    """One family. `known`: for each label the words it always has, so that what never happened reads 0, not nothing."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    known: tuple[tuple[str, ...], ...] = ()

    @property
    def zeros(self) -> list[tuple[str, ...]]:
        """The series that are always there."""
        return list(product(*self.known)) if len(self.known) == len(self.labels) and self.labels else []


CHANNELS = tuple(Order.Channel.values)
METHODS = tuple(Order.PaymentMethod.values)
CURRENCY = ("BRL",)
OWED = tuple(map(str, (Refund.Status.DUE, Refund.Status.SENT, Refund.Status.REFUSED)))
KINDS_THAT_EXPIRE = ("orders", "carts", "visits", "units")
STATES_OF_SESSIONS = ("active", "idle", "idle in transaction")

SHOP = (
    Family("balcao_orders_placed_total", "counter", "Orders since the shop opened."),
    Family("balcao_orders_open", "gauge", "Orders that wait for money or for their end.", ("status",),
           (("pending", "confirmed"),)),
    Family("balcao_orders_last_day", "gauge", "Orders of the last 24 hours.", ("channel",), (CHANNELS,)),
    Family("balcao_sales_last_day", "gauge", "What the orders of the last 24 hours come to, those that ended without "
           "a sale left out.", ("channel", "currency"), (CHANNELS, CURRENCY)),
    Family("balcao_order_last_placed_timestamp_seconds", "gauge", "When the last order was placed."),
    Family("balcao_payments_last_day", "gauge", "Payments received in the last 24 hours.", ("method",), (METHODS,)),
    Family("balcao_money_received_last_day", "gauge", "Money received in the last 24 hours.", ("method", "currency"),
           (METHODS, CURRENCY)),
    Family("balcao_payments_waiting", "gauge", "Payments that were announced and did not come yet."),
    Family("balcao_refunds_owed", "gauge", "Refunds that have not arrived.", ("status",), (OWED,)),
    Family("balcao_refunds_owed_amount", "gauge", "Money of the refunds that have not arrived.", ("currency",),
           (CURRENCY,)),
    Family("balcao_refund_oldest_seconds", "gauge", "Age of the oldest refund that has not arrived."),
    Family("balcao_money_cases_open", "gauge", "Cases in the money inbox that somebody has to settle."),
    Family("balcao_money_case_oldest_seconds", "gauge", "Age of the oldest open case of the money inbox."),
    Family("balcao_gateway_events_waiting", "gauge", "Events of gateways that were taken in and not looked at."),
    Family("balcao_visits_kept", "gauge", "Times that are held or asked for.", ("state",), (("held", "requested"),)),
    Family("balcao_visits_next_day", "gauge", "Confirmed visits of the next 24 hours."),
    Family("balcao_visits_unsettled", "gauge", "Confirmed visits that began over a day ago and nobody has settled."),
    Family("balcao_units_kept", "gauge", "Units that are kept.", ("by",), (("cart", "order"),)),
    Family("balcao_skus_out_of_stock", "gauge", "SKUs of which no unit is left to sell."),
    Family("balcao_carts_open", "gauge", "Carts whose time has not run out."),
)  # fmt: skip

WORK = (
    Family("balcao_outbox_waiting", "gauge", "Messages that are not delivered yet."),
    Family("balcao_outbox_retried", "gauge", "Messages whose delivery failed and is tried again."),
    Family("balcao_outbox_dead", "gauge", "Messages that were given up."),
    Family("balcao_outbox_oldest_seconds", "gauge", "Age of the oldest message that is not delivered."),
    Family("balcao_heartbeat_timestamp_seconds", "gauge", "When a worker or a sweep was last seen.", ("name",)),
    Family("balcao_expired_rows", "gauge", "What ran out over five minutes ago and no sweep has tidied away.",
           ("kind",), (KINDS_THAT_EXPIRE,)),
    Family("balcao_letters_last_day", "gauge", "Letters of the last 24 hours: sent, or over which bound.", ("outcome",),
           (("sent", "mailbox", "unknown", "client"),)),
)  # fmt: skip

COPIES = (
    Family("balcao_backup_well", "gauge", "1 where a copy was made in the last 26 hours, one was proved in the last 8 "
           "days and none failed since, and changes, if they are received, still come.", ("what",),
           (("copied", "proved", "received"),)),
    Family("balcao_backup_made_timestamp_seconds", "gauge", "When the last copy was made."),
    Family("balcao_backup_proved_timestamp_seconds", "gauge", "When a copy was last proved to be restorable."),
)  # fmt: skip

INTEGRITY = (
    Family("balcao_integrity_findings", "gauge", "Promises about the shop's data that the last examination found "
           "broken; 0 before the first."),
    Family("balcao_integrity_examined_timestamp_seconds", "gauge",
           "When the last examination of the shop's data ended."),
    Family("balcao_integrity_seconds", "gauge", "How long the last examination took."),
)  # fmt: skip

DATABASE = (
    Family("balcao_database_size_bytes", "gauge", "Size of the database."),
    Family("balcao_database_transactions_total", "counter", "Transactions by how they ended.", ("outcome",),
           (("committed", "rolled back"),)),
    Family("balcao_database_deadlocks_total", "counter", "Deadlocks that PostgreSQL broke."),
    Family("balcao_database_temporary_bytes_total", "counter", "Bytes that sorts and joins wrote to disk."),
    Family("balcao_database_blocks_total", "counter", "Blocks asked for, by where they were.", ("from",),
           (("memory", "elsewhere"),)),
    Family("balcao_database_sessions", "gauge", "Sessions of this database, this one included.", ("state",),
           (STATES_OF_SESSIONS,)),
    Family("balcao_database_sessions_most", "gauge", "Sessions that PostgreSQL admits in all."),
    Family("balcao_database_lock_waits", "gauge", "Sessions that wait for a lock right now."),
    Family("balcao_database_longest_transaction_seconds", "gauge", "Age of the oldest open transaction."),
    Family("balcao_database_is_standby", "gauge", "1 where the database follows another and only reads."),
    Family("balcao_database_standbys", "gauge", "Standbys that follow this database."),
    Family("balcao_database_lag_seconds", "gauge", "How far the slowest standby is behind; of a standby, how far it is "
           "behind itself. 0 where there is none."),
)  # fmt: skip

REPLICA = (
    Family("balcao_replica_read", "gauge", "1 where the replica of DATABASE_REPLICA_URL is fit to be read."),
    Family("balcao_replica_lag_seconds", "gauge", "How far the replica is behind at most."),
)

COUNTED = (
    Family("balcao_reads_total", "counter", "Reads that a replica may answer, by the database that did.", ("database",),
           (("primary", "replica"),)),
    Family("balcao_http_requests_total", "counter", "Requests by the template of their route.",
           ("method", "route", "status")),
    Family("balcao_http_request_duration_seconds", "histogram", "How long requests took.", ("method", "route")),
    Family("balcao_refusals_total", "counter", "Refusals by their code.", ("code",),
           (("busy", "database_unavailable"),)),
    Family("balcao_events_total", "counter", "What is no error and still worth knowing; docs/operations/watching.md "
           "lists them.", ("event",), (tuple(EVENTS),)),
    Family("balcao_security_events_total", "counter", "Security events.", ("event",), (tuple(map(str, Event)),)),
    Family("balcao_tasks_total", "counter", "Tasks by how they ended.", ("task", "outcome")),
    Family("balcao_task_seconds_total", "counter", "Time spent in tasks.", ("task",)),
)  # fmt: skip

ITSELF = (
    Family("balcao_build_info", "gauge", "1; the version that runs.", ("version",)),
    Family("balcao_up", "gauge", "Whether a server answered when these figures were read.", ("server",),
           (("database", "redis"),)),
    Family("balcao_reading_up", "gauge", "Whether a group of figures could be read in time.", ("group",)),
    Family("balcao_reading_seconds", "gauge", "How long reading the figures of the database took."),
)  # fmt: skip

FAMILIES = (*SHOP, *WORK, *COPIES, *INTEGRITY, *DATABASE, *REPLICA, *COUNTED, *ITSELF)
