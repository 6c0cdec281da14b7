"""The agenda against a model that knows nothing but minutes.

Hypothesis books, holds, confirms, moves, cancels, closes days and lets time pass; after every step what is offered is
exactly what a list of minutes, checked one by one, would offer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from common.transactions import run_unit_of_work
from scheduling import selectors
from scheduling import services as scheduling
from scheduling.errors import SlotTaken, SlotUnavailable
from scheduling.models import Appointment, DateOverride, Professional, Room, Service, TimeOff
from scheduling.slots import seconds_of
from scheduling.tests import factories as make
from scheduling.tests.factories import at
from shop import services as shop

FIRST, LAST = date(2026, 3, 3), date(2026, 3, 4)
ZERO = seconds_of(at(0))
LEAD, HOLD = 120, 10


@dataclass(frozen=True)
class Kind:
    """A service as the model knows it, in minutes."""

    minutes: int
    before: int = 0
    after: int = 0
    tolerance: int = 0
    places: int = 1
    room: bool = False

    def blocks(self, start: int) -> range:
        return range(start - self.before, start + self.minutes + self.after - self.tolerance)


KINDS = {
    "CURTO": Kind(30),
    "LONGO": Kind(60, before=10, after=5, room=True),
    "SOLTO": Kind(45, tolerance=10),
    "GRUPO": Kind(30, places=2),
}
PEOPLE = ("Ana", "Bia")


@dataclass
class Kept:
    """Time somebody has, in minutes after midnight of the first day."""

    who: str
    sku: str
    start: int
    until: float
    public_id: UUID
    claim: UUID | None = None


def moment(minute: int) -> Any:
    return at(0) + timedelta(minutes=minute)


class Agenda(RuleBasedStateMachine):
    """Two professionals, four services, one room, two days."""

    kept_ones: Bundle[Kept] = Bundle("kept_ones")
    who = st.sampled_from(PEOPLE)
    sku = st.sampled_from(sorted(KINDS))
    start = st.builds(lambda day, quarter: day * 1440 + quarter * 15, st.integers(0, 1), st.integers(32, 76))

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo._from_testcase = True  # type: ignore[attr-defined]
        self.undo.__enter__()
        self.now = -720
        self.kept: list[Kept] = []
        self.away: dict[str, set[int]] = {name: set() for name in PEOPLE}
        self.shifts = {
            (name, day): range(day * 1440 + 540, day * 1440 + 1080) for name in PEOPLE for day in range(-1, 4)
        }

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def opening(self) -> None:
        room = Room.objects.create(name="Sala 1")
        services: list[Service] = []
        for sku, kind in KINDS.items():
            one = make.service(
                sku=sku,
                minutes=kind.minutes,
                buffer_before_minutes=kind.before,
                buffer_after_minutes=kind.after,
                overlap_tolerance_minutes=kind.tolerance,
                capacity=kind.places,
            )
            one.rooms.set([room] if kind.room else [])
            services.append(one)
        self.people: dict[str, Professional] = {
            name: make.professional(name=name, performs=services) for name in PEOPLE
        }
        self.policy = shop.policy()
        self.visits = {sku: selectors.visit_of(skus=[sku], policy=self.policy) for sku in KINDS}

    def live(self) -> Iterator[Kept]:
        return (one for one in self.kept if one.until > self.now)

    def free(self, who: str, sku: str, start: int, *, besides: Kept | None = None) -> bool:
        """What the model thinks, minute by minute."""
        kind = KINDS[sku]
        inside = range(start, start + kind.minutes)
        shifts = [shift for (name, _day), shift in self.shifts.items() if name == who]
        if not all(any(minute in shift for shift in shifts) for minute in inside):
            return False
        if not self.away[who].isdisjoint(inside):
            return False
        if start < self.now + LEAD or start % 15:
            return False
        mine = set(kind.blocks(start))
        mates = 0
        for other in self.live():
            if other is besides:
                continue
            theirs = KINDS[other.sku]
            if (other.who, other.sku, other.start) == (who, sku, start) and kind.places > 1:
                mates += 1
            elif (other.who == who or (kind.room and theirs.room)) and mine & set(theirs.blocks(other.start)):
                return False
        return mates < kind.places

    @rule(target=kept_ones, who=who, sku=sku, start=start, held=st.booleans())
    def take(self, who: str, sku: str, start: int, held: bool) -> Kept:
        expected = self.free(who, sku, start)
        claim = uuid4() if held else None
        now = moment(self.now)
        person = self.people[who].public_id
        one = Kept(who, sku, start, self.now + HOLD if held else float("inf"), uuid4(), claim)
        try:
            if claim:
                one.public_id = make.held(moment(start), sku, who=person, claim=claim, now=now).public_id
            else:
                one.public_id = make.booked(moment(start), sku, who=person, now=now).public_id
        except (SlotTaken, SlotUnavailable):
            assert not expected
            one.until = float("-inf")
            return one
        assert expected
        self.kept.append(one)
        return one

    @rule(one=kept_ones)
    def confirm(self, one: Kept) -> None:
        if one.claim is None or one not in self.kept:
            return
        alive = one.until > self.now
        expected = alive or self.free(one.who, one.sku, one.start, besides=one)
        lost = make.allocate(one.claim, now=moment(self.now))
        assert (lost == []) == expected
        if expected:
            one.until = float("inf")

    @rule(one=consumes(kept_ones))
    def release(self, one: Kept) -> None:
        if one.claim is None or one not in self.kept:
            return
        claims = [one.claim]
        run_unit_of_work(scheduling.release, claims=claims, actor=make.GUEST, now=moment(self.now))
        self.kept.remove(one)

    @rule(one=kept_ones, start=start, who=who)
    def move(self, one: Kept, start: int, who: str) -> None:
        if one not in self.kept or one.until != float("inf") or one.start < self.now + 1440:
            return
        expected = self.free(who, one.sku, start, besides=one)
        try:
            scheduling.reschedule(
                public_id=one.public_id,
                starts_at=moment(start),
                professional=self.people[who].public_id,
                actor=make.GUEST,
                now=moment(self.now),
            )
        except (SlotTaken, SlotUnavailable):
            assert not expected
        else:
            assert expected
            one.start, one.who = start, who

    @rule(one=consumes(kept_ones))
    def cancel(self, one: Kept) -> None:
        if one in self.kept and one.until == float("inf"):
            scheduling.cancel(public_id=one.public_id, actor=make.SYSTEM, now=moment(self.now))
            self.kept.remove(one)

    @rule(who=who, start=start, hours=st.integers(1, 4))
    def leave(self, who: str, start: int, hours: int) -> None:
        TimeOff.objects.create(
            professional=self.people[who], starts_at=moment(start), ends_at=moment(start + 60 * hours)
        )
        self.away[who].update(range(start, start + 60 * hours))

    @rule(who=who, day=st.sampled_from([0, 1]), opens=st.integers(8, 12), hours=st.integers(0, 16))
    def override(self, who: str, day: int, opens: int, hours: int) -> None:
        special = DateOverride.objects.filter(professional=self.people[who], date=FIRST + timedelta(days=day))
        special.delete()
        DateOverride.objects.create(
            professional=self.people[who],
            date=FIRST + timedelta(days=day),
            opens=opens * 60 if hours else None,
            closes=(opens + hours) * 60 if hours else None,
        )
        begins = day * 1440 + opens * 60
        self.shifts[who, day] = range(begins, begins + hours * 60)

    @rule(minutes=st.sampled_from([1, 9, 10, 240]))
    def wait(self, minutes: int) -> None:
        self.now += minutes

    @rule()
    def sweep(self) -> None:
        scheduling.release_expired(now=moment(self.now))

    @invariant()
    def offers_what_the_model_offers(self) -> None:
        for sku in KINDS if hasattr(self, "visits") else ():
            found = selectors.free_starts(
                visit=self.visits[sku], policy=self.policy, first=FIRST, last=LAST, now=moment(self.now)
            )
            offered = {((one.start - ZERO) // 60, who.name) for one in found for who in one.performers}
            expected = {(start, who) for start in range(0, 2880, 15) for who in PEOPLE if self.free(who, sku, start)}
            assert offered == expected

    @invariant()
    def remembers_what_the_model_remembers(self) -> None:
        live = set(
            Appointment.objects.filter(state="confirmed").values_list("public_id", "starts_at", "professional__name")
        )
        assert live == {(one.public_id, moment(one.start), one.who) for one in self.kept if one.until == float("inf")}


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_the_agenda_is_what_a_list_of_minutes_says() -> None:
    run_state_machine_as_test(
        Agenda,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
