"""History: every order's life is written down without a gap, and nobody has edited it."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, Moment, Row, sql
from orders.lifecycle import OPEN_STATUSES, TRANSITIONS
from orders.models import OrderEvent
from orders.seals import chain_of

CHUNK = 1000
STEPS = sorted(f"{origin}>{target}" for origin, targets in TRANSITIONS.items() for target in targets)
MOVED = sorted(OPEN_STATUSES)
"""An open order may have its pickup moved, which leaves its status."""


def _broken_chains(moment: Moment) -> Iterable[Row]:
    """Return the first link of each history that does not follow from the one before it."""
    order_id, previous, broken = 0, "", False
    events = OrderEvent.objects.order_by("order_id", "seq").select_related(None)
    for event in events.iterator(chunk_size=CHUNK):
        if event.order_id != order_id:
            order_id, previous, broken = event.order_id, "", False
        if not broken and chain_of(previous=previous, event=event) != event.chain:
            broken = True
            yield {"order": order_id, "step": event.seq, "from": event.from_status, "to": event.to_status}
        previous = event.chain


CHECKS = (
    Check(
        name="history.begins_with_the_placing",
        promise=_("Every history begins with the step that placed the order."),
        remedy=_("Steps were deleted behind the triggers; bring them back from a backup."),
        find=sql(
            """
            SELECT o.number, first.from_status, first.to_status
            FROM orders_order o LEFT JOIN orders_orderevent first ON first.order_id = o.id AND first.seq = 1
            WHERE first.id IS NULL OR first.from_status <> '' OR first.to_status NOT IN ('pending', 'confirmed')
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="history.without_gaps",
        promise=_("Each step starts where the one before it led, and the steps are numbered without a gap."),
        remedy=_("Steps were deleted or edited behind the triggers; bring them back from a backup."),
        find=sql(
            """
            SELECT o.number, step.seq, step.before_seq, step.before_to, step.from_status FROM (
                SELECT order_id, seq, from_status,
                       lag(seq) OVER life AS before_seq, lag(to_status) OVER life AS before_to
                FROM orders_orderevent WINDOW life AS (PARTITION BY order_id ORDER BY seq)
            ) step JOIN orders_order o ON o.id = step.order_id
            WHERE step.before_seq IS NOT NULL
              AND (step.seq <> step.before_seq + 1 OR step.from_status IS DISTINCT FROM step.before_to)
            ORDER BY o.id, step.seq
            """
        ),
    ),
    Check(
        name="history.only_allowed_steps",
        promise=_("No order took a step that the table of states does not know."),
        remedy=_("A status was changed behind the triggers; find out who could, and put the order right by hand."),
        find=sql(
            """
            SELECT o.number, step.seq, step.from_status, step.to_status
            FROM orders_orderevent step JOIN orders_order o ON o.id = step.order_id
            WHERE step.seq > 1 AND NOT (step.from_status || '>' || step.to_status) = ANY (%(steps)s)
              AND NOT ((step.pickup_at IS NOT NULL OR step.reason = 'order.repriced')
                       AND step.from_status = step.to_status AND step.to_status = ANY (%(moved)s))
              AND NOT (step.reason ~ '^order[.](fee_waived|undone)' AND step.from_status = step.to_status)
            ORDER BY o.id, step.seq
            """,
            steps=STEPS,
            moved=MOVED,
        ),
    ),
    Check(
        name="history.ends_with_the_status",
        promise=_("The last step of the history led to the status the order has."),
        remedy=_("The status was changed without a step; set it to where the history ends."),
        find=sql(
            """
            SELECT o.number, o.status, last.to_status
            FROM orders_order o LEFT JOIN LATERAL (
                SELECT to_status FROM orders_orderevent WHERE order_id = o.id ORDER BY seq DESC LIMIT 1
            ) last ON true
            WHERE last.to_status IS DISTINCT FROM o.status
            ORDER BY o.id
            """
        ),
    ),
    Check(
        name="history.chain",
        promise=_("Every step carries the hash of the one before it."),
        remedy=_("A step was edited behind the triggers; compare the history with a backup and find out who could."),
        find=_broken_chains,
    ),
)
