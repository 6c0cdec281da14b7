"""The light of the shop's own records: when they were last looked at, and what is wrong with them, for the owner."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import examinations
from common.examinations import Broken

MAY = "shop.decide_money"
SHOWN = 5


@dataclass(frozen=True)
class Light:
    """What is said, whether somebody has to do something, and the first of the promises that do not hold."""

    text: str
    is_well: bool
    broken: Sequence[Broken] = ()


def light(*, now: datetime) -> Light:
    """Return how the shop's records are, in one statement."""
    state = examinations.state()
    if state.at is None:
        text = _("The shop has not looked at its own records yet; it does so every night while its workers run.")
        return Light(text=text, is_well=False)
    age = {"age": timesince(state.at, now, depth=1).replace("\xa0", " ")}
    told = [_findings(len(state.broken), age) if state.broken else _("All records agreed %(age)s ago.") % age]
    if state.is_old(now=now):
        told.append(_("They are looked at every night, and were not: tell whoever looks after the server."))
    elif state.broken:
        told.append(_("The shop goes on selling. Tell whoever looks after the server."))
    return Light(text=" ".join(told), is_well=state.is_well(now=now), broken=state.broken[:SHOWN])


def _findings(count: int, age: dict[str, str]) -> str:
    text = ngettext(
        "%(n)d thing does not agree in the shop's records, found %(age)s ago.",
        "%(n)d things do not agree in the shop's records, found %(age)s ago.",
        count,
    )
    return text % {"n": count, **age}
