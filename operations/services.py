"""The nightly look at the shop's own data: when it is due, what becomes of what it finds, and who is told."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import translation

from common import clock, examinations, outbox
from common.examinations import Broken
from common.models import Examination
from common.transactions import run_unit_of_work
from operations import emails
from operations.integrity import Report, Result
from operations.integrity import examine as look
from shop import services as shop

HOUR = 3
"""When a night's examination is due, on the clock of the shop's zone; as soon after it as a worker runs."""

SECONDS = 480
"""For as long as it may look; its task is asked to end a minute later."""


def night_of(*, now: datetime, timezone: str) -> date:
    """Return the day of the night that was last due."""
    return (now.astimezone(ZoneInfo(timezone)) - timedelta(hours=HOUR)).date()


def examine_by_night(*, timezone: str, now: datetime) -> bool:
    """Look at every promise, if nobody has since the night began, and keep what was found; say whether it looked."""
    night = night_of(now=now, timezone=timezone)
    begun = run_unit_of_work(examinations.begin, night=night, now=now)
    if begun is None:
        return False
    keep(report=look(now=now, seconds=SECONDS), examination=begun)
    return True


def keep(*, report: Report, examination: Examination | None = None) -> None:
    """Keep what an examination of everything found, and let the owner know if it is something else than before.

    What was found long ago is forgotten.
    Without `examination`: it was not the night's.
    """
    found = [broken(result) for result in report.findings]
    run_unit_of_work(_keep, report=report, found=found, examination=examination)
    examinations.forget(now=clock.now())


def broken(result: Result) -> Broken:
    """Return what is kept of a broken promise: its words as the catalogues know them, and none of its rows."""
    with translation.override(None):
        promise, remedy = str(result.check.promise), str(result.check.remedy)
    return Broken(
        check=result.check.name,
        promise=promise,
        remedy=remedy,
        rows=len(result.rows),
        more=result.more,
        failure=result.failure,
    )


def mail_owner(*, name: str, payload: dict[str, Any], event_id: UUID, now: datetime) -> None:
    """Tell the owner what the last examination found, if the shop has an address to be told at.

    Raises what the mail server raises; the outbox tries again.
    """
    policy = shop.policy()
    examination = Examination.objects.filter(pk=payload["examination"]).first()
    if examination is not None and policy.email:
        emails.to_owner(examination=examination, policy=policy, event_id=event_id)


def _keep(*, report: Report, found: list[Broken], examination: Examination | None) -> None:
    now = clock.now()
    row = examination or Examination(began_at=report.at)
    if examinations.end(examination=row, checks=len(report.results), broken=found, now=now):
        outbox.emit(name="integrity.changed", payload={"examination": row.pk}, now=now)
        outbox.wake()
