"""Under whose record the people of orders and visits are, and whose record an account is.

A person is known by their account, else by their mailbox, their phone or their document, in this order; of several
records with the same phone the one of the same name comes first. Whoever nobody knows gets a record. An account whose
mailbox is proved to be read is a person of its own: a phone alone, which a family shares, makes it nobody else's.
An account of which nothing is proved is put down only beside what it wrote itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from re import compile as pattern

from django.db.models import Q

from accounts.models import Customer
from common.actors import Actor
from common.identity import mailbox_of
from common.text import one_line, search_key
from common.transactions import locked, one_at_a_time, within_unit_of_work
from common.use_cases import use_case
from customers.models import CustomerRecord, CustomerStep
from customers.services.records import note

BATCH = 500
LINKING = "customers:linking"
"""Held while rows are put under records, so that one is at it at a time."""

KEYS = ("mailbox", "phone", "document")
_PHONE = pattern(r"\+[1-9][0-9]{6,14}")
_DOCUMENT = pattern(r"[0-9]{11}|[0-9A-Z]{12}[0-9]{2}")
_SHOP = Actor.system(door="task")


@dataclass(frozen=True)
class Known:
    """What an order, a visit or an account says of its person, and since when."""

    account: int | None
    name: str
    email: str
    phone: str
    document: str
    since: datetime

    @property
    def keys(self) -> dict[str, str]:
        """What they are known by, beside their account; nothing that no record could hold."""
        phone = self.phone if _PHONE.fullmatch(self.phone) else ""
        document = self.document if _DOCUMENT.fullmatch(self.document) else ""
        return {"mailbox": mailbox_of(self.email), "phone": phone, "document": document}


class _Records:
    """The records that the people of a batch could be under, and what becomes of them."""

    def __init__(self, people: Sequence[Known]) -> None:
        self.by_account: dict[int, CustomerRecord] = {}
        self.by_key: dict[tuple[str, str], list[tuple[str, CustomerRecord]]] = defaultdict(list)
        self.new: list[CustomerRecord] = []
        self.attached: list[CustomerRecord] = []
        self.second: list[tuple[CustomerRecord, CustomerRecord]] = []
        roots: dict[int, CustomerRecord] = {}
        for record in _candidates(people):
            root = record.merged_into or record
            self.add(record, root=roots.setdefault(root.pk, root))

    def add(self, record: CustomerRecord, *, root: CustomerRecord) -> None:
        """Find `root` by whatever `record` is known by."""
        if record.account_id is not None:
            self.by_account[record.account_id] = root
        known = {"mailbox": mailbox_of(record.email), "phone": record.phone, "document": record.document}
        for key, value in known.items():
            if value:
                self.by_key[key, value].append((search_key(record.name), root))

    def find(self, person: Known, *, is_proved: bool) -> CustomerRecord | None:
        """Return the record a person is under; `is_proved`: their account's mailbox is known to be read."""
        if person.account is not None and person.account in self.by_account:
            return self.by_account[person.account]
        name = search_key(person.name)
        for key, value in person.keys.items():
            found = self.by_key.get((key, value), [])
            same = [root for known_as, root in found if known_as == name]
            if not same and (key == "mailbox" or not is_proved):
                same = [root for _known_as, root in found]
            if same:
                return same[0]
        return None

    def make(self, person: Known, *, account: Customer | None) -> CustomerRecord:
        """Return, unsaved, a record of somebody."""
        known = person.keys
        document = "" if ("document", known["document"]) in self.by_key else known["document"]
        email = person.email.lower()
        name = one_line(person.name)[:120] or email or known["phone"] or document
        return CustomerRecord(
            account=account, name=name, email=email, phone=known["phone"], document=document, created_at=person.since
        )

    def save(self, *, now: datetime) -> None:
        """Write down what is new, and say so in the histories."""
        CustomerRecord.objects.bulk_create(self.new)
        CustomerRecord.objects.bulk_update(self.attached, ["account"])
        for record, root in self.second:
            record.merged_into = root
        CustomerRecord.objects.bulk_create(record for record, _root in self.second)
        added = [*self.new, *(record for record, _root in self.second)]
        note(records=added, action=CustomerStep.Action.ADDED, actor=_SHOP, now=now)
        note(records=self.attached, action=CustomerStep.Action.CHANGED, fields=["account"], actor=_SHOP, now=now)
        for record, root in self.second:
            note(records=[record], action=CustomerStep.Action.MERGED, other=root, actor=_SHOP, now=now)


def _candidates(people: Sequence[Known]) -> list[CustomerRecord]:
    """Return the records that any of the people could be under, those that stay first."""
    condition = Q(account__in={person.account for person in people if person.account is not None})
    for key in KEYS:
        values = {person.keys[key] for person in people} - {""}
        condition |= Q(**{f"{key}__in": values}) & ~Q(**{key: ""})
    found = CustomerRecord.objects.filter(condition, anonymised_at__isnull=True).select_related("merged_into")
    return sorted(found, key=lambda record: (record.merged_into_id is not None, record.pk))


@within_unit_of_work
def records_for(*, people: Sequence[Known], now: datetime) -> list[int | None]:
    """Return under which record each of the people is; None for somebody whose account has been closed.

    One comes here at a time, so that nobody gets two records.
    """
    one_at_a_time(names=[LINKING])
    named = {person.account for person in people if person.account is not None}
    behind = locked(Customer.objects.filter(pk__in=named)).select_related("user")
    accounts = {account.pk: account for account in behind}
    records = _Records(people)
    placed = [_place(person, records=records, account=accounts.get(person.account or 0)) for person in people]
    records.save(now=now)
    return [None if record is None else record.pk for record in placed]


def _place(person: Known, *, records: _Records, account: Customer | None) -> CustomerRecord | None:
    if account is not None and account.anonymised_at is not None:
        return None
    is_proved = account is not None and (account.user is None or account.user.email_verified_at is not None)
    found = records.find(person, is_proved=is_proved)
    if found is None:
        found = records.make(person, account=account)
        records.new.append(found)
        records.add(found, root=found)
    elif account is not None and is_proved and account.pk not in records.by_account:
        if found.account_id is None:
            found.account = account
            if found.pk is not None:
                records.attached.append(found)
        else:
            records.second.append((records.make(person, account=account), found))
        records.by_account[account.pk] = found
    return found


@use_case()
def take_in_accounts(*, now: datetime, limit: int = BATCH) -> int:
    """Give accounts whose mailbox is proved to be read a record, `limit` at most; return how many there were."""
    there = Customer.objects.filter(record__isnull=True, anonymised_at__isnull=True)
    customers = there.filter(Q(user__isnull=True) | Q(user__email_verified_at__isnull=False, user__is_staff=False))
    people = [
        Known(
            account=one.pk,
            name=one.name,
            email=one.email,
            phone=one.phone,
            document=one.document,
            since=one.created_at,
        )
        for one in customers.order_by("pk")[:limit]
    ]
    records_for(people=people, now=now)
    return len(people)
