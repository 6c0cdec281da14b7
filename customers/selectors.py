"""Reading records: who is found by what somebody types, who is kept out, and who may be the same person."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, Right

from accounts.models import Block
from common import sql
from common.errors import NotFound
from common.search import folded_sql, matching
from common.text import search_key
from customers.models import LIVING, Apart, CustomerRecord

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


_LIVING = "{0}.merged_into_id IS NULL AND {0}.anonymised_at IS NULL"
_ALIKE = {"phone": "a.phone <> ''", "mailbox": "a.mailbox <> ''", "sort_key": "position(' ' IN a.sort_key) > 0"}
_PAIRS = f"""
SELECT first, second FROM ({
    " UNION ".join(
        f"SELECT a.id AS first, b.id AS second FROM customers_customerrecord a "
        f"JOIN customers_customerrecord b ON b.{column} = a.{column} AND b.id > a.id WHERE {condition} "
        f"AND {_LIVING.format('a')} AND {_LIVING.format('b')} "
        "AND (a.document = '' OR b.document = '' OR a.document = b.document)"
        for column, condition in _ALIKE.items()
    )
}) pairs
WHERE NOT EXISTS (SELECT 1 FROM customers_apart WHERE first_id = first AND second_id = second)
ORDER BY first, second LIMIT %(limit)s
"""  # noqa: S608 - names of our own columns, no values
_TAGS = f"""
SELECT tag FROM (
    SELECT DISTINCT unnest(tags) AS tag FROM customers_customerrecord record
    WHERE tags <> '{{}}' AND {_LIVING.format("record")}
) known ORDER BY {folded_sql("tag")}, tag LIMIT %(limit)s
"""  # noqa: S608 - names of our own columns, no values


class Standing(TypedDict):
    """What is read along with a record."""

    is_kept_out: bool


if TYPE_CHECKING:
    ReadRecord = WithAnnotations[CustomerRecord, Standing]
else:
    ReadRecord = CustomerRecord


def customers() -> QuerySet[ReadRecord]:
    """Return the living records, each with `is_kept_out`: whether the shop has blocked them by anything they have."""
    blocked = Q(block__isnull=False) | Q(account__is_active=False, account__anonymised_at__isnull=True)
    for field in ("mailbox", "phone", "document"):
        blocked |= Q(**{f"{field}__in": Block.objects.exclude(**{field: ""}).values(field)})
    kept_out = Case(When(blocked, then=True), default=False)
    return CustomerRecord.objects.filter(LIVING).annotate(is_kept_out=kept_out)


def kept_out() -> Q:
    """Return the condition that the shop has blocked somebody, asked of the blocks and not of every customer."""
    records = CustomerRecord.objects.order_by()
    ways = [
        records.filter(block__isnull=False),
        records.filter(account__is_active=False, account__anonymised_at__isnull=True),
        *(
            records.filter(**{f"{field}__in": Block.objects.order_by().exclude(**{field: ""}).values(field)})
            for field in ("mailbox", "phone", "document")
        ),
    ]
    return Q(pk__in=ways[0].values("pk").union(*(way.values("pk") for way in ways[1:])))


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
    apart = Apart.objects.filter(Q(first=record.pk, second=OuterRef("pk")) | Q(first=OuterRef("pk"), second=record.pk))
    others = customers().filter(same).exclude(pk=record.pk).exclude(Exists(apart))
    if record.document:
        others = others.filter(Q(document="") | Q(document=record.document))
    return list(others.order_by("sort_key", "pk")[:limit])


def pairs_alike(*, limit: int = 50) -> list[tuple[CustomerRecord, CustomerRecord]]:
    """Return pairs of living records that may be of one person, the older first: same phone, e-mail or whole name."""
    rows = sql.rows(_PAIRS, {"limit": limit})
    found = CustomerRecord.objects.in_bulk({pk for row in rows for pk in row})
    return [(found[first], found[second]) for first, second in rows]


def tags_in_use(*, limit: int = 100) -> list[str]:
    """Return the tags that living records have, in alphabetical order."""
    return [tag for (tag,) in sql.rows(_TAGS, {"limit": limit})]


def born_in(*, month: int) -> Q:
    """Return the condition that somebody's birthday falls into a month, whatever the year of birth."""
    there = CustomerRecord.objects.exclude(birthday="").annotate(day_of_year=Right("birthday", 5))
    return Q(pk__in=there.filter(day_of_year__gte=f"{month:02}-01", day_of_year__lte=f"{month:02}-31").values("pk"))


def born_on(*, days: Sequence[date]) -> Q:
    """Return the condition that somebody's birthday is on one of some days, whatever the year of birth."""
    there = CustomerRecord.objects.exclude(birthday="").annotate(day_of_year=Right("birthday", 5))
    return Q(pk__in=there.filter(day_of_year__in=[f"{day:%m-%d}" for day in days]).values("pk"))
