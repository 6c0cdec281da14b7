"""Adding and changing records: how what people say is read, and what cannot be."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FieldError, Malformed
from common.identity import mailbox_of, normal_birthday, normal_document, normal_email, normal_phone
from common.text import is_clean, one_line, search_key
from common.transactions import within_unit_of_work
from common.use_cases import use_case
from customers.errors import AlreadyThere, DocumentTaken
from customers.models import MAX_TAG, MAX_TAGS, CustomerRecord, CustomerStep
from customers.services.blocking import follow_block
from customers.services.records import living, note
from shop import services as shop

FIELDS = ("name", "phone", "email", "document", "birthday", "tags", "notes")
MAX_NAME, MAX_NOTES = 120, 2000


@use_case()
def add_customer(
    *,
    name: str,
    actor: Actor,
    now: datetime,
    phone: str = "",
    email: str = "",
    document: str = "",
    birthday: str = "",
    tags: Sequence[str] = (),
    notes: str = "",
) -> CustomerRecord:
    """Write a customer down and return the record; a name and a phone are enough, and so is a name.

    Raises:
        Malformed: no name, or something that can not exist; every field is named.
        DocumentTaken: another customer has this CPF or CNPJ.
        AlreadyThere: a customer of this name has the same phone or e-mail.
    """
    typed = {
        "name": name,
        "phone": phone,
        "email": email,
        "document": document,
        "birthday": birthday,
        "tags": tags,
        "notes": notes,
    }
    return write_customer(values=as_stored(typed=typed, today=_today(now=now)), actor=actor, now=now)


@within_unit_of_work
def write_customer(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> CustomerRecord:
    """Do what `add_customer` does with values as `as_stored` gives them, as a part of the caller's unit of work.

    Raises DocumentTaken, AlreadyThere.
    """
    record = CustomerRecord(**values, created_at=now)
    _refuse_twins(record=record)
    record.save(force_insert=True)
    note(records=[record], action=CustomerStep.Action.ADDED, actor=actor, now=now)
    return record


@use_case()
def change_customer(
    *, record: CustomerRecord, changes: Mapping[str, Any], actor: Actor, now: datetime
) -> CustomerRecord:
    """Change what is known of a customer, fields of FIELDS, and return the record; a block follows them.

    Raises:
        Malformed, DocumentTaken, AlreadyThere: as `add_customer`.
        MergedMeanwhile, Forgotten: there is nothing left to change.
    """
    return rewrite_customer(pk=record.pk, values=as_stored(typed=changes, today=_today(now=now)), actor=actor, now=now)


@within_unit_of_work
def rewrite_customer(*, pk: int, values: Mapping[str, Any], actor: Actor, now: datetime) -> CustomerRecord:
    """Do what `change_customer` does with values as `as_stored` gives them, as a part of the caller's unit of work.

    Raises the same, but Malformed.
    """
    kept = living(pk=pk)
    changed = [field for field in FIELDS if field in values and getattr(kept, field) != values[field]]
    if not changed:
        return kept
    for field in changed:
        setattr(kept, field, values[field])
    _refuse_twins(record=kept)
    follow_block(record=kept, actor=actor, now=now)
    kept.save(update_fields=[*changed, "block"])
    note(records=[kept], action=CustomerStep.Action.CHANGED, fields=changed, actor=actor, now=now)
    return kept


def _refuse_twins(*, record: CustomerRecord) -> None:
    """Refuse what the constraints would, by name. They judge whoever comes at the same time."""
    others = CustomerRecord.objects.filter(merged_into__isnull=True).exclude(pk=record.pk)
    same = others.filter(document=record.document).first() if record.document else None
    if same is not None:
        raise DocumentTaken(name=str(same), document=record.document)
    namesakes = others.filter(sort_key=search_key(record.name))
    by_phone = bool(record.phone) and namesakes.filter(phone=record.phone).exists()
    mailbox = mailbox_of(record.email)
    if by_phone or (mailbox and namesakes.filter(mailbox=mailbox).exists()):
        raise AlreadyThere()


def as_stored(*, typed: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return what was typed as it is stored, without asking the database. Raises Malformed with every bad field.

    `today`: the shop's day, after which nobody was born.
    """
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for field, value in typed.items():
        normalise, complaint = _READERS[field]
        try:
            values[field] = normalise(value)
        except ValueError:
            errors.append(FieldError(pointer=f"/{field}", code="invalid", detail=str(complaint())))
    if values.get("birthday", "")[:10] > today.isoformat():
        errors.append(FieldError(pointer="/birthday", code="invalid", detail=_("This day is still to come.")))
    if errors:
        raise Malformed(errors=errors)
    return values


def _today(*, now: datetime) -> date:
    return now.astimezone(ZoneInfo(shop.policy().timezone)).date()


def _name(text: str) -> str:
    name = one_line(text)
    if not name or len(name) > MAX_NAME or not is_clean(name) or not search_key(name):
        raise ValueError(text)
    return name


def _notes(text: str) -> str:
    plain = text.replace("\r\n", "\n").strip()
    if len(plain) > MAX_NOTES or not is_clean(plain):
        raise ValueError(text)
    return plain


def _tags(words: Sequence[str]) -> list[str]:
    """Return tags in alphabetical order, each once, whatever its accents and case."""
    by_key = {search_key(word): one_line(word) for word in reversed(words) if word.strip()}
    if len(by_key) > MAX_TAGS or any(len(word) > MAX_TAG or not is_clean(word) for word in by_key.values()):
        raise ValueError(words)
    return [by_key[key] for key in sorted(by_key) if key]


def _if_any(normalise: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: normalise(text) if text.strip() else ""


_READERS: dict[str, tuple[Callable[[Any], Any], Callable[[], str]]] = {
    "name": (_name, lambda: _("Write a name of at most 120 characters.")),
    "phone": (_if_any(normal_phone), lambda: _("This phone number can not exist.")),
    "email": (_if_any(normal_email), lambda: _("This is not an e-mail address.")),
    "document": (_if_any(normal_document), lambda: _("This is neither a CPF nor a CNPJ.")),
    "birthday": (_if_any(normal_birthday), lambda: _("Write the day as 12/03/1990, or 12/03 without the year.")),
    "tags": (_tags, lambda: _("At most 20 tags, each of at most 30 characters.")),
    "notes": (_notes, lambda: _("At most 2,000 characters.")),
}
