"""Reading records: who is found by what somebody types, who is kept out, and who may be the same person."""

from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from accounts.models import Block
from common.errors import NotFound
from common.search import matching
from common.text import search_key
from customers.models import LIVING, CustomerRecord

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Standing(TypedDict):
    """What is read along with a record."""

    is_kept_out: bool


if TYPE_CHECKING:
    ReadRecord = WithAnnotations[CustomerRecord, Standing]
else:
    ReadRecord = CustomerRecord


def customers() -> QuerySet[ReadRecord]:
    """Return the living records, each with `is_kept_out`: whether the shop has blocked them by anything they have."""
    named = Q(pk__in=[])
    for field in ("mailbox", "phone", "document"):
        named |= Q(**{field: OuterRef(field)}) & ~Q(**{field: ""})
    blocked = Q(block__isnull=False) | Q(account__is_active=False, account__anonymised_at__isnull=True)
    kept_out = Case(When(blocked | Exists(Block.objects.filter(named)), then=True), default=False)
    return CustomerRecord.objects.filter(LIVING).annotate(is_kept_out=kept_out)


def known_by(text: str) -> Q:
    """Return the condition that a living record, or one that was merged into it, holds every term of a text."""
    found = CustomerRecord.objects.filter(matching(text=text, column="search_key"), anonymised_at__isnull=True)
    return Q(pk__in=found.values(root=Coalesce(F("merged_into"), F("pk"))))


def find_customers(*, text: str, limit: int = 8) -> list[ReadRecord]:
    """Return customers who go by a text of two signs or more, by name: a name without its accents, the digits of a
    phone in any writing, a CPF or CNPJ, an e-mail. Each says in `is_kept_out` whether the shop has blocked them.
    """
    if len(search_key(text)) < 2:
        return []
    return list(customers().filter(known_by(text)).order_by("sort_key", "pk")[:limit])


def customer_known_as(*, public_id: UUID) -> ReadRecord:
    """Return the living record of that id; of a merged one the record it was merged into. Raises NotFound."""
    roots = CustomerRecord.objects.filter(public_id=public_id).values(root=Coalesce(F("merged_into"), F("pk")))
    found = customers().filter(pk__in=roots).first()
    if found is None:
        raise NotFound()
    return found


def records_of(*, record: CustomerRecord) -> QuerySet[CustomerRecord]:
    """Return a record and those that were merged into it: what points at any of them belongs to this customer."""
    return CustomerRecord.objects.filter(Q(pk=record.pk) | Q(merged_into=record.pk)).order_by("pk")


def alike(*, record: CustomerRecord, limit: int = 10) -> list[ReadRecord]:
    """Return records that may be of the same person: same phone or e-mail, or the same first and last name.

    Two whose documents differ are two people.
    """
    same = Q(phone=record.phone) & ~Q(phone="") | Q(mailbox=record.mailbox) & ~Q(mailbox="")
    words = search_key(record.name).split()
    if len(words) > 1:
        same |= matching(text=f"{words[0]} {words[-1]}", column="sort_key")
    else:
        same |= Q(sort_key=search_key(record.name))
    others = customers().filter(same).exclude(pk=record.pk)
    if record.document:
        others = others.filter(Q(document="") | Q(document=record.document))
    return list(others.order_by("sort_key", "pk")[:limit])
