"""How programs and machines are called by the people who use them."""

from collections.abc import Sequence

from django.utils.translation import gettext

PROGRAMS = ("Edg/ Edge", "OPR/ Opera", "Firefox/ Firefox", "Chrome/ Chrome", "Safari/ Safari")
SYSTEMS = ("Android Android", "iPhone iPhone", "iPad iPad", "Windows Windows", "Mac Mac", "Linux Linux")


def program_of(agent: str) -> str:
    """Return what a person calls the program and the machine that a browser names; its own words where unknown."""

    def first(known: Sequence[str]) -> str:
        pairs = (one.partition(" ") for one in known)
        return next((name for mark, _space, name in pairs if mark in agent), "")

    program, system = first(PROGRAMS), first(SYSTEMS)
    if program and system:
        return gettext("%(program)s on %(system)s") % {"program": program, "system": system}
    return program or system or agent[:40] or gettext("Unknown program")
