"""Who changed this: what the database wrote down of a thing and of what hangs on it, and what was noted at the desk.

The database's entries are the truth, whoever made the change and however (`audit`). What the desk noted of the same
request is said first, because it is in the words of the page; the rows stand behind it.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import dateparse, formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.models import Entry
from audit.selectors import entries_of, subject_parts
from common import origin
from common.money import MoneyField, format_brl
from desk.called import called_column, called_table, column_of, read_names
from desk.paging import COUNTED
from desk.shown import ACTORS, DOORS, actor_names, minutes_of_unit, shown_door, shown_duration, shown_instant

WORDS = "words"
"""What the log's messages keep beside Django's own parts: field, before and after, in words."""
REQUEST = "request"
"""And in which request, so that the database's entries of the same are found."""

PER_PAGE = 30
LONGEST = 120
MOST_COLUMNS = 8
NOTHING = "-"
NOT_KEPT = _("not kept")
WORDS_OF = {"actor_kind": ACTORS, "door": DOORS}

Words = tuple[str, str, str]
"""A field, how it was, and how it became."""


@dataclass
class Step:
    """What was changed in one go: in the words of the desk, if it was there, and row by row."""

    who: str
    at: datetime
    where: str = ""
    by_hand: bool = False
    message: str = ""
    words: list[Words] = field(default_factory=list)
    rows: list[Words] = field(default_factory=list)


class TellsChanges:
    """A page whose rows tell who changed them."""

    opts: Any
    admin_site: Any
    get_object: Any
    has_view_or_change_permission: Any
    _get_obj_does_not_exist_redirect: Any

    def tells_changes_to(self, request: HttpRequest) -> bool:
        """Say whether somebody who sees a row may also see who changed it."""
        return True

    def noted_url(self, request: HttpRequest, obj: Any) -> str:
        """Return where the app's own history of a row is, if there is one to look through."""
        return ""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who changed a row and what hangs on it, the latest first."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            missing: HttpResponse = self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
            return missing
        if not (self.has_view_or_change_permission(request, obj) and self.tells_changes_to(request)):
            raise PermissionDenied
        paginator = Paginator(_found(obj), PER_PAGE)
        page = paginator.get_page(request.GET.get(PAGE_VAR, 1))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Who changed this?"),
            "object": obj,
            "opts": self.opts,
            "steps": steps_of(obj, page.object_list),
            "page": page,
            "page_range": paginator.get_elided_page_range(page.number),
            "page_var": PAGE_VAR,
            "noted": self.noted_url(request, obj),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "desk/changes.html", context)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note a change, and in which request it was made."""
        return _noted(request, obj, CHANGE, _in_request(message))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Note that a row was added, and in which request."""
        return _noted(request, obj, ADDITION, _in_request(message))


def _noted(request: HttpRequest, obj: Any, flag: int, message: Any) -> LogEntry:
    """Note something of a row by its number: what people are called is erased in their row, and would stay here."""
    return LogEntry.objects.create(
        user_id=request.user.pk or 0,
        content_type=ContentType.objects.get_for_model(obj, for_concrete_model=False),
        object_id=obj.pk,
        object_repr=f"{obj._meta.label_lower} {obj.pk}",
        action_flag=flag,
        change_message=json.dumps(message) if isinstance(message, list) else message,
    )


def _in_request(message: Any) -> Any:
    known = structlog.contextvars.get_contextvars().get("request_id")
    return [*message, {REQUEST: known}] if known and isinstance(message, list) else message


Found = tuple[datetime, int, bool]
"""When, the number of the row, and whether it is an entry of the database's or a note of the desk's."""


def _found(obj: models.Model) -> list[Found]:
    """Return what there is to show, the latest first, and of each kind no more than anybody leafs through."""
    entries = entries_of(obj).order_by("-pk").values_list("at", "pk")[:COUNTED]
    notes = notes_of(obj).order_by("-pk").values_list("action_time", "pk")[:COUNTED]
    return sorted([(at, pk, True) for at, pk in entries] + [(at, pk, False) for at, pk in notes], reverse=True)


def notes_of(obj: models.Model) -> models.QuerySet[LogEntry]:
    """Return what was noted at the desk of a row."""
    kind = ContentType.objects.get_for_model(obj, for_concrete_model=False)
    return LogEntry.objects.filter(content_type=kind, object_id=str(obj.pk))


def steps_of(obj: models.Model, found: Iterable[Found]) -> list[Step]:
    """Return the steps of a page, each with everything that one request changed."""
    rows = list(found)
    entries = Entry.objects.in_bulk([pk for _at, pk, is_entry in rows if is_entry])
    notes = LogEntry.objects.select_related("user").in_bulk([pk for _at, pk, is_entry in rows if not is_entry])
    teller = Teller(entries.values())
    steps: dict[str, Step] = {}
    for at, pk, is_entry in rows:
        if is_entry:
            entry = entries[pk]
            step = steps.setdefault(entry.request_id or f"entry {pk}", Step(who=teller.who(entry), at=at))
            step.where, step.by_hand = where(entry), entry.by_hand
            step.rows += teller.words(entry, of=obj)
        else:
            note = notes[pk]
            step = steps.setdefault(request_of(note) or f"note {pk}", Step(who=str(note.user), at=at))
            step.message, step.words = str(note.get_change_message()), words_of(note)
    return list(steps.values())


def words_of(note: LogEntry) -> list[Words]:
    """Return what a note of the desk says was changed, each with how it was before and after."""
    return [tuple(row) for part in _parts(note) for row in part.get(WORDS, ())]


def request_of(note: LogEntry) -> str:
    """Return the request in which a note of the desk was written; empty where it does not say."""
    return next((str(part[REQUEST]) for part in _parts(note) if REQUEST in part), "")


def _parts(note: LogEntry) -> list[dict[str, Any]]:
    try:
        found = json.loads(note.change_message or "[]")
    except ValueError:
        return []
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def where(entry: Entry) -> str:
    """Return through which door a change came in, in words."""
    if entry.by_hand:
        program = entry.door.removeprefix("sql").strip()
        told = (
            gettext("Past the shop, straight in the database (program %(program)s, user %(role)s)")
            if program
            else gettext("Past the shop, straight in the database (user %(role)s)")
        )
        return told % {"program": program, "role": entry.role}
    for mark, door in ((origin.TASK, "task"), (origin.COMMAND, "command")):
        if entry.door.startswith(mark):
            return f"{shown_door(door)}: {entry.door.removeprefix(mark)}"
    return shown_door("admin" if " admin/" in entry.door else "api")


class Teller:
    """Says in words what entries hold; the names of what they are about and refer to are read together."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = list(entries)
        logins = [one.actor.removeprefix(origin.LOGIN) for one in self._entries if one.actor.startswith(origin.LOGIN)]
        self._people = actor_names(logins)
        self._names = dict(read_names(self._rows()))

    def who(self, entry: Entry) -> str:
        """Name who made a change."""
        if entry.actor.startswith(origin.LOGIN):
            number = entry.actor.removeprefix(origin.LOGIN)
            return self._people.get(number, gettext("Login %(number)s") % {"number": number})
        if entry.actor.startswith("role:"):
            return gettext("Somebody at the database")
        return str(ACTORS.get(entry.actor, entry.actor))

    def subject(self, entry: Entry) -> str:
        """Name what a row is a part of."""
        table, row = subject_parts(entry.subject)
        return f"{called_table(table)} {self._names.get((table, row), row)}"

    def words(self, entry: Entry, *, of: models.Model | None = None) -> list[Words]:
        """Return what an entry says, column by column; that a row came or went, in one line.

        `of`: the thing whose life is told, which needs not be named.
        """
        row = (entry.table_name, entry.row_id)
        title = called_table(entry.table_name)
        whole = "" if of is not None or subject_parts(entry.subject) == row else f"{self.subject(entry)} · "
        if entry.action != Entry.Action.UPDATE:
            came, went = self._summary(entry, entry.after), self._summary(entry, entry.before)
            return [(f"{whole}{title}: {entry.get_action_display()}", went, came)]
        is_itself = of is not None and row == (of._meta.db_table, of.pk)
        head = "" if is_itself else f"{whole}{title} {self._names.get(row, entry.row_id)} · "
        told = [
            (name, self._value(entry, name, entry.before.get(name)), self._value(entry, name, value))
            for name, value in sorted(entry.after.items())
        ]
        told += [(name, str(NOT_KEPT), str(NOT_KEPT)) for name in entry.unsaid]
        return [(f"{head}{called_column(entry.table_name, name)}", before, after) for name, before, after in told]

    def _summary(self, entry: Entry, values: dict[str, Any]) -> str:
        shown = [
            f"{called_column(entry.table_name, name)}: {self._value(entry, name, value)}"
            for name, value in values.items()
            if value not in ("", [], {}) and not name.endswith("public_id")
        ]
        return ", ".join(shown[:MOST_COLUMNS]) or NOTHING

    def _value(self, entry: Entry, name: str, value: Any) -> str:
        column = column_of(entry.table_name, name)
        if column is not None and column.related_model is not None and value is not None:
            return self._names.get((column.related_model._meta.db_table, value)) or str(value)
        text = _shown(column, value)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"

    def _rows(self) -> Iterator[tuple[str, Any]]:
        """Return what entries are about and what they refer to, each a table and a number."""
        for entry in self._entries:
            yield entry.table_name, entry.row_id
            yield subject_parts(entry.subject)
            for values in (entry.before, entry.after):
                for name, value in values.items():
                    column = column_of(entry.table_name, name)
                    if value is not None and column is not None and column.related_model is not None:
                        yield column.related_model._meta.db_table, value


def _shown(column: Any, value: Any) -> str:
    """Return a value of JSON as people read it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list | dict):
        parts = value if isinstance(value, list) else [value]
        return ", ".join(_inner(one) for one in parts) or NOTHING
    choices = {**WORDS_OF.get(column.name, {}), **dict(column.flatchoices)} if column is not None else {}
    if value in choices:
        return str(choices[value])
    if isinstance(column, MoneyField):
        return format_brl(Decimal(str(value)))
    if isinstance(column, models.DateTimeField):
        return shown_instant(dateparse.parse_datetime(value))
    if isinstance(column, models.DateField):
        return formats.date_format(dateparse.parse_date(value) or value, "SHORT_DATE_FORMAT")
    unit = minutes_of_unit(column.name) if column is not None else None
    return shown_duration(value * unit) if unit and isinstance(value, int) else str(value)


def _inner(value: Any) -> str:
    return " ".join(str(one) for one in value.values()) if isinstance(value, dict) else str(value)
