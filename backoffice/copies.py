"""The light of the shop's copies: how old the last one is, and whether it was proved, in words for the owner."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from common import backups
from common.backups import BackupState

MAY = "shop.decide_money"


@dataclass(frozen=True)
class Light:
    """What is said, and whether somebody has to do something."""

    text: str
    is_well: bool


def light(*, now: datetime) -> Light:
    """Return how the shop's copies are, in one statement."""
    state = backups.state()
    if state.copied_at is None:
        return Light(
            text=_("The shop has no copy yet. Ask for one every night where the server is kept."), is_well=False
        )
    told = [_last_copy(state, since=_age(state.copied_at, now=now), now=now)]
    if state.changes_until is not None:
        told.append(_("Every change is kept, up to %(age)s ago.") % {"age": _age(state.changes_until, now=now)})
    is_well = state.is_well(now=now)
    if not is_well:
        told.append(_("Tell whoever looks after the server."))
    return Light(text=" ".join(told), is_well=is_well)


def _last_copy(state: BackupState, *, since: str, now: datetime) -> str:
    if state.failed_at is not None:
        return _("Last copy %(age)s ago; restoring it as a test found mistakes.") % {"age": since}
    if state.proved_at is None:
        return _("Last copy %(age)s ago, never restored as a test.") % {"age": since}
    days = (timezone.localtime(now).date() - timezone.localtime(state.proved_at).date()).days
    if days <= 0:
        return _("Last copy %(age)s ago, proved today.") % {"age": since}
    if days == 1:
        return _("Last copy %(age)s ago, proved yesterday.") % {"age": since}
    return _("Last copy %(age)s ago, proved %(proved)s ago.") % {"age": since, "proved": _age(state.proved_at, now=now)}


def _age(moment: datetime, *, now: datetime) -> str:
    return timesince(moment, now, depth=1).replace("\xa0", " ")
