"""Puts a portable copy in the place of what the shop's database holds, and says what that takes away."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext as _
from pyrage import x25519

from operations import emptying
from operations.backups import cluster, restoring, serving, store, taking, versions
from operations.backups.refusal import BackupRefused
from operations.backups.store import Copy
from orders.models import Order

MOST_NAMED = 20


@dataclass(frozen=True)
class Lost:
    """Orders that the shop had and a copy has not. `numbers`: the first of them."""

    count: int
    total: Decimal
    numbers: list[str]


@dataclass(frozen=True)
class Returned:
    """What became of a database. `kept`: the copy of what stood there; `lacking`: migrations still to go through."""

    pictures: int
    left_out: list[str]
    lacking: list[str]
    kept: Copy | None
    lost: Lost


def judge(*, copy: Copy, force: bool, now: datetime) -> bool:
    """Say whether the database holds something. Raises BackupRefused: the shop is open, or holds it without `force`."""
    versions.refuse_newer(copy)
    serving.refuse_while_serving(now=now)
    used = emptying.used_tables()
    if used and not force:
        listed = ", ".join(used[:5]) + (", ..." if len(used) > 5 else "")
        raise BackupRefused(
            _(
                "The database is in use (%(tables)s hold rows). Restore into an empty one, or say --force: then what "
                "is there is copied first, and replaced."
            )
            % {"tables": listed}
        )
    return bool(used)


def lost_by(*, copy: Copy) -> Lost:
    """Return the orders that were placed after a copy was made."""
    if "orders_order" not in connection.introspection.table_names():
        return Lost(count=0, total=Decimal(0), numbers=[])
    later = Order.objects.filter(placed_at__gt=copy.made_at)
    total = later.aggregate(total=Sum("total"))["total"] or Decimal(0)
    numbers = [str(number) for number in later.order_by("pk").values_list("number", flat=True)[:MOST_NAMED]]
    return Lost(count=later.count(), total=total, numbers=numbers)


def bring_back(
    *,
    copy: Copy,
    keys: Sequence[x25519.Identity],
    recipients: Sequence[x25519.Recipient],
    force: bool,
    with_media: bool,
    now: datetime,
) -> Returned:
    """Put a copy in the place of what the database holds, after a copy of that. Raises BackupRefused.

    `recipients`: for whom what is replaced is encrypted.
    """
    store.check(copy)
    horizon, kept = restoring.NOBODY_WROTE, None
    contents: dict[str, Any] = store.load_contents(copy, keys=keys)
    lost = Lost(count=0, total=Decimal(0), numbers=[])
    if judge(copy=copy, force=force, now=now):
        lost = lost_by(copy=copy)
        kept, counted = taking.take(now=now, keys=recipients, with_media=with_media, is_before_restore=True)
        horizon = counted["horizon"]
        serving.refuse_while_serving(now=now)
    with cluster.room() as home:
        dump = restoring.decrypted_rows(copy, keys=keys, home=home)
        pictures = 0
        if with_media and restoring.has_media(copy):
            pictures = restoring.bring_media(copy, keys=keys, write=restoring.into_storage)
        left_out = restoring.into_shop(dump, contents=contents, horizon=horizon)
    return Returned(pictures=pictures, left_out=left_out, lacking=versions.lacking(copy), kept=kept, lost=lost)
