"""Who should be written to now, what the messages say, and what was sent.

A message is due for what is still to come: it falls out of the list by itself when things change. Who has no phone
gets the shop's letters alone; who is blocked or erased is not written to.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet
from django.utils import translation

from accounts.selectors import BLOCKED
from chats.models import ChatTemplate, Occasion, SentChat
from chats.wording import LANGUAGES, of_order, of_visit, our_words
from common import sql
from common.dates import midnight
from common.text import chat_url
from orders.amounts import ASKED_FIRST
from orders.models import Order, OrderLine
from scheduling.models import Appointment
from shop.policy import Policy
from shop.windows import opening_stretches

PAGE = 30
A_DAY = timedelta(days=1)
DAYS_BACK = 1
"""So many days back what the shop did is still told: last night's is written in the morning."""
LOOK_AHEAD = 10
"""Days within which the next one is looked for on which the shop is open."""

_STEPS = """
    SELECT {rank}, '{occasion}', visit.public_id, step.at, 'visit', visit.id, visit.contact_phone, visit.mailbox, '',
           visit.record_id
    FROM scheduling_appointmentevent step JOIN scheduling_appointment visit ON visit.id = step.appointment_id
    WHERE step.at >= %(since)s AND step.actor_kind = 'staff' AND {step} AND visit.state = '{state}'
      AND visit.starts_at > %(now)s AND NOT EXISTS (
          SELECT FROM scheduling_appointmentevent later
          WHERE later.appointment_id = step.appointment_id AND later.seq > step.seq)
"""
_DUE = f"""
WITH found (rank, occasion, subject, about, kind, id, phone, mailbox, document, record_id) AS (
    SELECT 0, 'order_ready', o.public_id, max(parcel.changed_at), 'order', o.id, contact.phone, contact.mailbox,
           contact.document, contact.record_id
    FROM orders_order o JOIN orders_ordercontact contact ON contact.order_id = o.id
    JOIN orders_fulfilment parcel ON parcel.order_id = o.id AND parcel.status = 'ready'
    WHERE o.status = 'confirmed' AND o.pickup_starts_at IS NOT NULL AND o.pickup_ends_at > %(given_up)s
    GROUP BY o.id, contact.id
    UNION ALL
    SELECT 1, 'order_to_pay', o.public_id, o.placed_at, 'order', o.id, contact.phone, contact.mailbox,
           contact.document, contact.record_id
    FROM orders_order o JOIN orders_ordercontact contact ON contact.order_id = o.id
    WHERE o.status = 'pending' AND o.expires_at > %(now)s AND o.payment_method <> 'on_site' AND {ASKED_FIRST} > 0
    UNION ALL
    {
    _STEPS.format(
        rank=2,
        occasion="visit_cancelled",
        state="cancelled",
        step="step.to_state = 'cancelled' AND step.from_state IN ('requested', 'confirmed')",
    )
}
    UNION ALL
    {_STEPS.format(rank=3, occasion="visit_moved", state="confirmed", step="step.from_state = step.to_state")}
    UNION ALL
    {_STEPS.format(rank=4, occasion="visit_accepted", state="confirmed", step="step.from_state = 'requested'")}
    UNION ALL
    SELECT 5, 'visit_soon', visit.public_id, visit.starts_at, 'visit', visit.id, visit.contact_phone, visit.mailbox,
           '', visit.record_id
    FROM scheduling_appointment visit
    WHERE visit.state = 'confirmed' AND visit.starts_at >= %(tomorrow)s AND visit.starts_at < %(until)s
)
SELECT found.occasion, found.subject, found.about, found.kind, found.id FROM found
LEFT JOIN customers_customerrecord own ON own.id = found.record_id
LEFT JOIN customers_customerrecord record ON record.id = coalesce(own.merged_into_id, own.id)
WHERE found.phone <> '' AND record.block_id IS NULL AND record.anonymised_at IS NULL
  AND CASE WHEN %(subject)s::uuid IS NULL THEN NOT EXISTS (
      SELECT FROM chats_sentchat sent WHERE sent.subject = found.subject AND sent.occasion = found.occasion
        AND sent.about = found.about AND sent.taken_back_at IS NULL)
      ELSE found.subject = %(subject)s AND found.occasion = %(occasion)s AND found.about = %(about)s END
  AND NOT {BLOCKED % {"mailbox": "found.mailbox", "phone": "found.phone", "document": "found.document"}}
ORDER BY found.rank, found.about, found.subject LIMIT %(limit)s OFFSET %(skipped)s
"""  # noqa: S608 - pieces of our own, no values


@dataclass(frozen=True)
class Key:
    """Which message: its occasion, the public id of what it is about, and the instant that tells it from another."""

    occasion: str
    subject: UUID
    about: datetime


@dataclass(frozen=True)
class DueChat:
    """A message that somebody should get now. `moment`: when what it is about begins; None where nothing does."""

    key: Key
    pk: int
    name: str
    phone: str
    has_email: bool
    text: str
    moment: datetime | None
    number: str

    @property
    def url(self) -> str:
        """A link that opens WhatsApp with the message written in."""
        return chat_url(phone=self.phone, text=self.text)


def due_chats(*, policy: Policy, now: datetime, page: int = 1) -> tuple[list[DueChat], bool]:
    """Return a page of the messages that are due and not sent, the most urgent first, and whether there are more.

    Six statements at most, however many there are.
    """
    rows = sql.rows(_DUE, _asked(policy=policy, now=now, limit=PAGE + 1, skipped=PAGE * (page - 1)))
    return _written(rows[:PAGE], policy=policy), len(rows) > PAGE


def due_chat(*, key: Key, policy: Policy, now: datetime) -> DueChat | None:
    """Return a message if it is due, sent or not."""
    asked = _asked(policy=policy, now=now, limit=1, skipped=0)
    named = {"occasion": key.occasion, "subject": key.subject, "about": key.about}
    found = _written(sql.rows(_DUE, {**asked, **named}), policy=policy)
    return found[0] if found else None


def sent_chats(*, since: datetime) -> "QuerySet[SentChat]":
    """Return what was sent since an instant, the newest first."""
    return SentChat.objects.filter(at__gte=since, taken_back_at__isnull=True).order_by("-at", "-pk")


def templates() -> dict[tuple[str, str], ChatTemplate]:
    """Return the shop's own words, by occasion and language."""
    return {(one.occasion, one.language): one for one in ChatTemplate.objects.all()}


def words(*, own: Mapping[tuple[str, str], ChatTemplate], occasion: str, language: str) -> str:
    """Return the text of an occasion in a language: the shop's own, or ours."""
    row = own.get((occasion, language))
    return row.text if row else our_words(occasion=occasion, language=language)


def remind_until(*, policy: Policy, now: datetime) -> datetime:
    """Return until when visits are reminded of: the end of tomorrow or, if the shop is closed then, of its next day."""
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    opens = (
        stretch.starts_at.astimezone(zone).date()
        for stretch in opening_stretches(policy=policy, now=now, days=LOOK_AHEAD)
    )
    last = next((day for day in opens if day > today), today + A_DAY)
    return midnight(last + A_DAY, zone=zone)


def _asked(*, policy: Policy, now: datetime, limit: int, skipped: int) -> dict[str, Any]:
    zone = ZoneInfo(policy.timezone)
    today = now.astimezone(zone).date()
    return {
        "now": now,
        "since": midnight(today - DAYS_BACK * A_DAY, zone=zone),
        "tomorrow": midnight(today + A_DAY, zone=zone),
        "until": remind_until(policy=policy, now=now),
        "given_up": now - timedelta(hours=policy.pickup_grace_hours),
        "occasion": "",
        "subject": None,
        "about": None,
        "limit": limit,
        "skipped": skipped,
    }


def _written(rows: Collection[tuple[Any, ...]], *, policy: Policy) -> list[DueChat]:
    """Write the messages of some rows."""
    if not rows:
        return []
    own = templates()
    ids = {kind: [row[4] for row in rows if row[3] == kind] for kind in ("order", "visit")}
    lines = Prefetch("lines", OrderLine.objects.select_related("cancellation"))
    orders: dict[int, Any] = (
        Order.objects.select_related("contact").prefetch_related(lines).in_bulk(ids["order"]) if ids["order"] else {}
    )
    visits: dict[int, Any] = (
        Appointment.objects.select_related("professional").prefetch_related("services").in_bulk(ids["visit"])
        if ids["visit"]
        else {}
    )
    chats = []
    for occasion, subject, about, kind, pk in rows:
        key = Key(occasion=occasion, subject=subject, about=about)
        thing = orders[pk] if kind == "order" else visits[pk]
        language = thing.language if thing.language in LANGUAGES else LANGUAGES[0]
        text = words(own=own, occasion=occasion, language=language)
        with translation.override(language):
            write = _of_order if kind == "order" else _of_visit
            chats.append(write(key, thing, text, policy))
    return chats


def _of_order(key: Key, order: Order, text: str, policy: Policy) -> DueChat:
    return DueChat(
        key=key,
        pk=order.pk,
        name=order.contact.shown_name,
        phone=order.contact.phone,
        has_email=bool(order.contact.email),
        text=of_order(order=order, text=text, policy=policy),
        moment=order.pickup_starts_at if key.occasion == Occasion.ORDER_READY else order.expires_at,
        number=order.number,
    )


def _of_visit(key: Key, visit: Appointment, text: str, policy: Policy) -> DueChat:
    return DueChat(
        key=key,
        pk=visit.pk,
        name=visit.shown_name,
        phone=visit.contact_phone,
        has_email=bool(visit.contact_email),
        text=of_visit(visit=visit, text=text, policy=policy),
        moment=visit.starts_at,
        number="",
    )
