"""Customers from a spreadsheet: found by their document, or by name with the same phone or e-mail, else written down.

A cell that is empty changes nothing, and tags come on top of those there are. Every record is written by the service
that writes one at the desk, all of them in one unit of work.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from common.actors import Actor
from common.errors import Malformed
from common.identity import mailbox_of
from common.text import search_key
from common.transactions import locked, within_unit_of_work
from customers import services as customers
from customers.models import LIVING, CustomerRecord
from spreadsheets.errors import ChangedMeanwhile
from spreadsheets.models import Import, ImportRow
from spreadsheets.services.reading import Errors

MOST = 5_000
FIELDS = ("name", "phone", "email", "document", "birthday", "tags", "notes")

PROBLEMS: Mapping[str, str | Promise] = {
    "several_customers": gettext_lazy("This could be several customers you have. Merge them, or change them there."),
    "too_many_customers": gettext_lazy("More than 5,000 customers are too many for one spreadsheet. Split it."),
}
"""Why a row cannot be, beside the reasons of products."""


@dataclass
class _Known:
    """Customers by what they are found by."""

    by_document: dict[str, CustomerRecord] = field(default_factory=dict)
    by_phone: dict[tuple[str, str], CustomerRecord] = field(default_factory=dict)
    by_mailbox: dict[tuple[str, str], CustomerRecord] = field(default_factory=dict)

    def add(self, record: CustomerRecord) -> None:
        """Remember a record by all it has."""
        if record.document:
            self.by_document[record.document] = record
        if record.phone:
            self.by_phone[record.phone, search_key(record.name)] = record
        if record.email:
            self.by_mailbox[mailbox_of(record.email), search_key(record.name)] = record

    def find(self, content: Mapping[str, Any]) -> list[CustomerRecord]:
        """Return whom a row can be about: one, nobody yet, or several."""
        key = search_key(content["name"])
        found = [
            self.by_document.get(content.get("document", "")),
            self.by_phone.get((content.get("phone", ""), key)),
            self.by_mailbox.get((mailbox_of(content.get("email", "")), key)),
        ]
        return list({id(record): record for record in found if record is not None}.values())


def parsed(given: Mapping[str, str], *, today: date) -> tuple[dict[str, Any], Errors]:
    """Return what the cells of a row say, as they are stored, and what is wrong with which column.

    `today`: the shop's day. The database is busy taking rows in meanwhile, so nothing may ask it.
    """
    typed: dict[str, Any] = {key: text for key, text in given.items() if text}
    typed["name"] = given.get("name", "")
    if "tags" in typed:
        typed["tags"] = typed["tags"].replace(";", ",").split(",")
    try:
        return customers.as_stored(typed=typed, today=today), []
    except Malformed as refusal:
        return {}, [(error.pointer.strip("/"), error.detail) for error in refusal.errors]


@within_unit_of_work
def compare(*, run: Import, now: datetime) -> str:
    """Write down what becomes of each row, and return the seal of what was found."""
    judged = _judge(run)
    ImportRow.objects.bulk_update([row for row, _record in judged], ["what", "changes", "errors"], batch_size=1_000)
    return _seal(judged)


@within_unit_of_work
def write(*, run: Import, seal: str, reason: str, actor: Actor, now: datetime) -> None:
    """Write what the preview showed. Raises ChangedMeanwhile, and what a record is refused for."""
    judged = _judge(run, is_locked=True)
    if _seal(judged) != seal:
        raise ChangedMeanwhile()
    for row, record in judged:
        if record is None:
            customers.write_customer(values=row.content, actor=actor, now=now)
        elif row.what == "changed":
            values = {key: new for key, _old, new in row.changes}
            customers.rewrite_customer(pk=record.pk, values=values, actor=actor, now=now)


def _judge(run: Import, *, is_locked: bool = False) -> list[tuple[ImportRow, CustomerRecord | None]]:
    rows = list(ImportRow.objects.filter(run=run).exclude(what="wrong").order_by("number"))
    known, here = _known(rows, is_locked=is_locked), _Known()
    judged: list[tuple[ImportRow, CustomerRecord | None]] = []
    for place, row in enumerate(rows):
        found = known.find(row.content)
        record = found[0] if len(found) == 1 else None
        stands = CustomerRecord(**{key: value for key, value in row.content.items() if key in FIELDS})
        row.changes = [] if record is None else _changes(row.content, record=record)
        row.what = "new" if record is None else "changed" if row.changes else "same"
        problem = "too_many_customers" if place >= MOST else "several_customers" if len(found) > 1 else ""
        if here.find(row.content):
            problem = problem or "row_twice"
        if problem:
            row.what, row.changes, row.errors = "wrong", [], [["name", problem]]
        here.add(stands)
        judged.append((row, record))
    return judged


def _known(rows: Sequence[ImportRow], *, is_locked: bool) -> _Known:
    """Look up whoever the rows may be about, in one statement."""
    contents = [row.content for row in rows]
    named = Q(sort_key__in={search_key(content["name"]) for content in contents})
    documents = {content["document"] for content in contents if content.get("document")}
    found = CustomerRecord.objects.filter(LIVING).filter(named | Q(document__in=documents))
    known = _Known()
    for record in locked(found) if is_locked else found:
        known.add(record)
    return known


def _changes(content: Mapping[str, Any], *, record: CustomerRecord) -> list[list[Any]]:
    tags = {search_key(tag): tag for tag in [*content.get("tags", []), *record.tags]}
    wanted = {**content, "tags": [tags[key] for key in sorted(tags)]}
    pairs = [(key, getattr(record, key), wanted[key]) for key in FIELDS if wanted.get(key)]
    return [[key, old, new] for key, old, new in pairs if old != new]


def _seal(judged: Sequence[tuple[ImportRow, CustomerRecord | None]]) -> str:
    found = hashlib.sha256()
    for row, record in judged:
        found.update(repr((row.number, row.what, record.pk if record else None, row.changes)).encode())
    return found.hexdigest()
