"""Time: nobody is in two places at once, every visit is whole, and every promise of an order has its visit."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from operations.integrity.base import Check, Moment, Row, sql
from scheduling import selectors as scheduling
from scheduling.lifecycle import OCCUPYING, TRANSITIONS
from scheduling.models import AppointmentEvent
from scheduling.seals import chain_of
from scheduling.services.history import step_values
from shop import services as shop

CHUNK = 1000
MOVED = {f"{state}>{state}" for state in ("requested", "confirmed")}
STEPS = sorted({f"{origin}>{target}" for origin, targets in TRANSITIONS.items() for target in targets} | MOVED)

_PAIRS = """
    FROM scheduling_appointment one
    JOIN scheduling_appointment other ON one.id < other.id AND one.blocked && other.blocked
    WHERE one.state = ANY (%(occupying)s) AND other.state = ANY (%(occupying)s)
"""

_VISITS = """
    FROM orders_order o
    JOIN orders_orderline line ON line.order_id = o.id AND line.kind = 'visit'
    LEFT JOIN orders_orderlinecancellation gone ON gone.line_id = line.id
    LEFT JOIN scheduling_appointment visit ON visit.claim = line.claim
"""

_ON_ITS_WAY = """
    EXISTS (
        SELECT 1 FROM common_outboxmessage message
        WHERE message.payload ->> 'claim' = line.claim::text AND message.done_at IS NULL AND message.dead_at IS NULL
    )
"""


def _broken_chains(moment: Moment) -> Iterable[Row]:
    """Return the first link of each history that does not follow from the one before it."""
    appointment_id, previous, broken = 0, "", False
    for event in AppointmentEvent.objects.order_by("appointment_id", "seq").iterator(chunk_size=CHUNK):
        if event.appointment_id != appointment_id:
            appointment_id, previous, broken = event.appointment_id, "", False
        if not broken and chain_of(previous=previous, step=step_values(event=event)) != event.chain:
            broken = True
            yield {"appointment": appointment_id, "step": event.seq, "from": event.from_state, "to": event.to_state}
        previous = event.chain


def _stranded(moment: Moment) -> Iterable[Row]:
    for visit in scheduling.stranded(policy=shop.policy(), now=moment.now):
        yield {"visit": visit.public_id, "professional": visit.professional.name, "starts_at": visit.starts_at}


CHECKS = (
    Check(
        name="time.one_place_at_a_time",
        promise=_("No professional and no room is promised twice for the same time."),
        remedy=_("Call one of the customers and move the visit; then find out which constraint is missing."),
        find=sql(
            f"""
            SELECT one.public_id AS visit, other.public_id AS other, one.starts_at, other.starts_at AS other_starts_at
            {_PAIRS} AND NOT one.forced AND NOT other.forced AND (
                (one.professional_id = other.professional_id
                    AND (one.session <> other.session OR one.lane = other.lane))
                OR (one.room_id = other.room_id AND one.session <> other.session))
            ORDER BY one.id, other.id
            """,
            occupying=list(OCCUPYING),
        ),
    ),
    Check(
        name="time.forced_on_purpose",
        promise=_("Visits that the team has put over others on purpose."),
        remedy=_("Nothing, if both customers know."),
        level="note",
        find=sql(
            f"""
            SELECT one.public_id AS visit, other.public_id AS other, one.starts_at,
                   concat_ws(', ', nullif(one.forced_reason, ''), nullif(other.forced_reason, '')) AS reason
            {_PAIRS} AND (one.forced OR other.forced) AND one.ends_at > %(now)s
                AND (one.professional_id = other.professional_id OR one.room_id = other.room_id)
            ORDER BY one.id, other.id
            """,
            occupying=list(OCCUPYING),
        ),
    ),
    Check(
        name="time.bounded",
        promise=_("The time a visit blocks has a beginning and an end, and covers its start."),
        remedy=_("Correct the row; an empty or endless time is seen by no constraint."),
        find=sql(
            """
            SELECT public_id AS visit, starts_at, ends_at, blocked::text AS blocked, lane, capacity
            FROM scheduling_appointment
            WHERE isempty(blocked) OR lower_inf(blocked) OR upper_inf(blocked) OR NOT lower_inc(blocked)
               OR upper_inc(blocked) OR starts_at >= ends_at OR NOT blocked @> starts_at
               OR lane NOT BETWEEN 1 AND capacity
            ORDER BY id
            """
        ),
    ),
    Check(
        name="time.visits_add_up",
        promise=_("A visit has services; it lasts as long as they do and costs what they cost."),
        remedy=_("A row was changed outside the shop; compare the visit with a backup."),
        find=sql(
            """
            SELECT visit.public_id AS visit, visit.total, sum(part.price) AS services,
                   extract(epoch FROM visit.ends_at - visit.starts_at) / 60 AS minutes,
                   sum(part.duration_minutes) AS service_minutes
            FROM scheduling_appointment visit
            LEFT JOIN scheduling_appointmentservice part ON part.appointment_id = visit.id
            GROUP BY visit.id
            HAVING count(part.id) = 0 OR max(part.position) <> count(part.id) OR sum(part.price) <> visit.total
                OR visit.ends_at <> visit.starts_at + make_interval(mins => sum(part.duration_minutes)::int)
            ORDER BY visit.id
            """
        ),
    ),
    Check(
        name="time.agreed_prices",
        promise=_("A visit that was ordered costs what its order line says."),
        remedy=_("The customer owes what was agreed: put the visit's prices back to those of the order line."),
        find=sql(
            f"""
            SELECT o.number, line.sku, line.unit_price AS agreed, visit.public_id AS visit, visit.total, visit.currency
            {_VISITS}
            WHERE visit.total <> line.unit_price OR visit.currency <> o.currency
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="time.order_has_its_visits",
        promise=_("Every visit of an open order keeps its time, unless its line was taken out."),
        remedy=_("Book the visit again, or take its line out of the order and give the money back."),
        find=sql(
            f"""
            SELECT o.number, o.status, line.sku, visit.state, visit.expires_at {_VISITS}
            WHERE gone.id IS NULL AND NOT {_ON_ITS_WAY} AND CASE o.status
                WHEN 'confirmed' THEN
                    coalesce(visit.state, '') NOT IN ('requested', 'confirmed', 'completed', 'no_show')
                WHEN 'completed' THEN coalesce(visit.state, '') NOT IN ('confirmed', 'completed', 'no_show')
                WHEN 'pending' THEN o.expires_at > %(now)s AND (
                    coalesce(visit.state, '') NOT IN ('held', 'requested', 'confirmed', 'completed', 'no_show')
                    OR (visit.state = 'held' AND visit.expires_at <= %(now)s))
                ELSE false END
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="time.held_as_long_as_the_order",
        promise=_("Time that is held for a pending order does not come free before the order's deadline."),
        remedy=_("Confirm or cancel the order before somebody else books the time."),
        find=sql(
            f"""
            SELECT o.number, line.sku, visit.expires_at, o.expires_at AS order_until {_VISITS}
            WHERE o.status = 'pending' AND o.expires_at > %(now)s AND gone.id IS NULL AND NOT {_ON_ITS_WAY}
              AND visit.state = 'held' AND visit.expires_at < o.expires_at
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="time.ended_order_keeps_none",
        promise=_("A cancelled or expired order keeps no time, nor does a line that was taken out."),
        remedy=_("Cancel the visit: nobody will come."),
        find=sql(
            f"""
            SELECT o.number, o.status, line.sku, visit.public_id AS visit, visit.state {_VISITS}
            WHERE (o.status IN ('cancelled', 'expired') OR gone.id IS NOT NULL)
              AND visit.state IN ('held', 'requested', 'confirmed') AND visit.starts_at > %(now)s
              AND (visit.expires_at IS NULL OR visit.expires_at > %(now)s)
            ORDER BY o.id, line.position
            """
        ),
    ),
    Check(
        name="time.held_for_somebody",
        promise=_("Held time is held for a line of an open cart or of a pending order."),
        remedy=_("It comes free by itself when the hold runs out."),
        find=sql(
            """
            SELECT visit.public_id AS visit, visit.claim, visit.expires_at FROM scheduling_appointment visit
            WHERE visit.state = 'held' AND visit.expires_at > %(now)s AND NOT EXISTS (
                SELECT 1 FROM cart_cartline line JOIN cart_cart cart ON cart.id = line.cart_id
                WHERE line.claim = visit.claim AND cart.status = 'open'
            ) AND NOT EXISTS (
                SELECT 1 FROM orders_orderline line JOIN orders_order o ON o.id = line.order_id
                WHERE line.claim = visit.claim AND o.status = 'pending'
            )
            ORDER BY visit.id
            """
        ),
    ),
    Check(
        name="time.history",
        promise=_("Every visit's history begins with its taking, has no gap, and ends with its state."),
        remedy=_("Steps were deleted or edited behind the triggers; bring them back from a backup."),
        find=sql(
            """
            SELECT visit.public_id AS visit, visit.state, life.steps, life.first_from, life.last_to, life.jumps
            FROM scheduling_appointment visit LEFT JOIN (
                SELECT appointment_id, count(*) AS steps, min(seq) AS first_seq, max(seq) AS last_seq,
                       (array_agg(from_state ORDER BY seq))[1] AS first_from,
                       (array_agg(to_state ORDER BY seq DESC))[1] AS last_to,
                       count(*) FILTER (WHERE seq > 1 AND from_state IS DISTINCT FROM before) AS jumps
                FROM (
                    SELECT *, lag(to_state) OVER (PARTITION BY appointment_id ORDER BY seq) AS before
                    FROM scheduling_appointmentevent
                ) step GROUP BY appointment_id
            ) life ON life.appointment_id = visit.id
            WHERE life.appointment_id IS NULL OR life.first_seq <> 1 OR life.last_seq <> life.steps
               OR life.first_from <> '' OR life.last_to <> visit.state OR life.jumps > 0
            ORDER BY visit.id
            """
        ),
    ),
    Check(
        name="time.only_allowed_steps",
        promise=_("No visit took a step that the table of states does not know."),
        remedy=_("A state was changed behind the triggers; find out who could, and put the visit right by hand."),
        find=sql(
            """
            SELECT visit.public_id AS visit, step.seq, step.from_state, step.to_state
            FROM scheduling_appointmentevent step JOIN scheduling_appointment visit ON visit.id = step.appointment_id
            WHERE step.seq > 1 AND NOT (step.from_state || '>' || step.to_state) = ANY (%(steps)s)
            ORDER BY visit.id, step.seq
            """,
            steps=STEPS,
        ),
    ),
    Check(
        name="time.chain",
        promise=_("Every step of a visit carries the hash of the one before it."),
        remedy=_("A step was edited behind the triggers; compare the history with a backup and find out who could."),
        find=_broken_chains,
    ),
    Check(
        name="time.within_working_hours",
        promise=_("Visits to come lie within the working time of their professional."),
        remedy=_("Hours were changed after the booking. Move the visit, or open the hours again."),
        level="warning",
        find=_stranded,
    ),
    Check(
        name="time.deadlines_in_time",
        promise=_("Held and requested times come free at the latest when the visit begins."),
        remedy=_("Accept or cancel the visit; then find out which door gave it so long."),
        find=sql(
            """
            SELECT public_id AS visit, state, starts_at, expires_at FROM scheduling_appointment
            WHERE state IN ('held', 'requested') AND expires_at > starts_at AND starts_at > %(now)s ORDER BY id
            """
        ),
    ),
    Check(
        name="time.expired_are_swept",
        promise=_("Held and requested times that ran out are written down within minutes."),
        remedy=_("Start worker and beat, or run `release_expired`. The time is free in the meantime."),
        level="warning",
        find=sql(
            """
            SELECT public_id AS visit, state, expires_at FROM scheduling_appointment
            WHERE state IN ('held', 'requested') AND expires_at < %(overdue)s ORDER BY expires_at
            """
        ),
    ),
)
