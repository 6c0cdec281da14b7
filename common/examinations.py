"""What the shop knows of its own soundness: when all promises were last looked at, and which of them do not hold.

`operations` looks; the desk, the figures and the doctor read here. Promise and remedy are kept in English, as the
source of the catalogues has them, and shown in the language of whoever reads.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext

from common.batches import delete_in_batches
from common.models import Examination

OLD_AFTER = timedelta(hours=30)
GIVEN_UP_AFTER = timedelta(minutes=15)
"""No examination takes longer: its task is ended before. One that has not ended by then never will."""

MOST_TRIES = 3


@dataclass(frozen=True)
class Broken:
    """A promise that does not hold: by which check, in how many rows (`more`: at least), or why nobody could look."""

    check: str
    promise: str
    remedy: str
    rows: int = 0
    more: bool = False
    failure: str = ""

    @property
    def shown_promise(self) -> str:
        """The promise in the language of whoever reads."""
        return gettext(self.promise)

    @property
    def shown_remedy(self) -> str:
        """What to do, in the language of whoever reads."""
        return gettext(self.remedy)


@dataclass(frozen=True)
class State:
    """The last examination that came to its end; None where there never was one."""

    at: datetime | None
    broken: Sequence[Broken] = ()

    def is_old(self, *, now: datetime) -> bool:
        """Say whether a night has passed without one."""
        return self.at is None or now - self.at > OLD_AFTER

    def is_well(self, *, now: datetime) -> bool:
        """Say whether nobody need do anything."""
        return not self.broken and not self.is_old(now=now)


def state() -> State:
    """Return how things stand, in one statement."""
    last = Examination.objects.filter(ended_at__isnull=False).order_by("-ended_at").first()
    return State(at=None) if last is None else State(at=last.ended_at, broken=broken_in(last))


def broken_in(examination: Examination) -> list[Broken]:
    """Return the promises that an examination found broken."""
    return [Broken(**one) for one in examination.broken]


def begin(*, night: date, now: datetime) -> Examination | None:
    """Write down that the examination of a night begins; None where it was done, is being done or failed too often."""
    row, made = Examination.objects.get_or_create(night=night, defaults={"began_at": now})
    if made:
        return row
    left = Examination.objects.filter(
        pk=row.pk, ended_at=None, tries__lt=MOST_TRIES, began_at__lte=now - GIVEN_UP_AFTER
    )
    if not left.update(began_at=now, tries=F("tries") + 1):
        return None
    row.refresh_from_db()
    return row


def end(*, examination: Examination, checks: int, broken: Sequence[Broken], now: datetime) -> bool:
    """Write down what was found; return whether it is another result than the one before."""
    before = Examination.objects.filter(ended_at__isnull=False).exclude(pk=examination.pk).order_by("-ended_at").first()
    examination.ended_at = max(now, examination.began_at)
    examination.checks, examination.broken = checks, [asdict(one) for one in broken]
    examination.save()
    return bool(examination.broken != (before.broken if before else []))


def forget(*, now: datetime) -> int:
    """Forget what was found long ago; returns how many examinations."""
    long_ago = now - timedelta(days=settings.EXAMINATIONS_KEPT_DAYS)
    return delete_in_batches(Examination.objects.filter(began_at__lt=long_ago))
