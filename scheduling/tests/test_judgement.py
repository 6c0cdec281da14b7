"""What is free, why the rest is not, and that both come from one computation."""

from dataclasses import asdict
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.slots import LONGEST, TAKEN, Demand, Diary, Judgement, Occupied, Place, Span, judge, session_of

MINUTE = 60
DAY = 24 * 60
GRID = [minute * MINUTE for minute in range(0, DAY, 15)]
ANA, BIA = 1, 2


def minutes(*pairs: tuple[int, int]) -> list[Span]:
    return [(start * MINUTE, end * MINUTE) for start, end in pairs]


def demand(duration: int, *, before: int = 0, after: int = 0, tolerance: int = 0, **extra: object) -> Demand:
    return Demand(
        duration=duration * MINUTE,
        before=before * MINUTE,
        after=after * MINUTE,
        tolerance=tolerance * MINUTE,
        **extra,  # type: ignore[arg-type]
    )


def occupied(start: int, *, wants: Demand, who: int = ANA, session: UUID | None = None, **extra: object) -> Occupied:
    begins = start * MINUTE
    return Occupied(
        starts=begins,
        ends=begins + wants.duration,
        blocked=wants.blocked(begins),
        session=session or uuid4(),
        professional=who,
        **extra,  # type: ignore[arg-type]
    )


def diary(*there: Occupied, working: list[Span] | None = None, away: list[Span] | None = None) -> Diary:
    return Diary(professional=ANA, working=working or minutes((540, 1080)), away=away or [], occupied=there)


def judged(wants: Demand, days: Diary, *, earliest: int = 0, latest: int = DAY) -> Judgement:
    return judge(demand=wants, diary=days, earliest=earliest * MINUTE, latest=latest * MINUTE)


def free(judgement: Judgement) -> list[int]:
    return [start // MINUTE for start in judgement.free(grid=GRID, first=0, last=DAY * MINUTE)]


def reasons(judgement: Judgement, minute: int, *, second: int = 0) -> list[str]:
    return judgement.reasons(start=minute * MINUTE + second, on_grid=minute % 15 == 0 and not second)


HALF_HOUR = demand(30)


def test_the_whole_day_is_offered_every_quarter_of_an_hour_until_the_last_that_fits() -> None:
    assert free(judged(HALF_HOUR, diary())) == list(range(540, 1051, 15))


@pytest.mark.parametrize(
    ("minute", "expected"),
    [
        (525, ["outside_hours"]),
        (1065, ["outside_hours"]),
        (545, ["off_grid"]),
        (600, ["lead_time"]),
        (630, ["booked"]),
        (600 + 15, ["booked", "lead_time"]),
        (720, ["time_off"]),
        (705, ["time_off"]),
        (750, []),
        (765, ["held"]),
        (960, ["horizon"]),
        (645, ["booked"]),
        (660, []),
    ],
)
def test_each_refused_start_names_its_reasons(minute: int, expected: list[str]) -> None:
    earliest = 620 if "lead_time" in expected else 0
    there = [occupied(630, wants=HALF_HOUR), occupied(780, wants=HALF_HOUR, held=True)]
    judgement = judged(
        HALF_HOUR, diary(*there, away=minutes((720, 750))), earliest=earliest, latest=900 if minute == 960 else DAY
    )
    assert reasons(judgement, minute) == expected


def test_a_plain_visit_asks_for_nothing_but_its_time() -> None:
    assert asdict(Demand(duration=60)) == {
        "duration": 60,
        "before": 0,
        "after": 0,
        "tolerance": 0,
        "capacity": 1,
        "group": "",
        "rooms": None,
        "fit_gaps": False,
    }
    plain = Occupied(starts=0, ends=60, blocked=(0, 60), session=uuid4(), professional=ANA)
    assert (plain.lane, plain.room, plain.held) == (1, None, False)
    assert plain.held is False


def test_another_time_may_do_where_somebody_else_is() -> None:
    assert set(TAKEN) == {"booked", "held", "buffer", "room", "capacity"}


def test_a_visit_lasts_a_day_at_most() -> None:
    days = diary(working=minutes((0, 3 * DAY)))
    assert LONGEST == DAY * MINUTE
    assert reasons(judged(demand(DAY), days), 0) == []
    assert reasons(judged(Demand(duration=DAY * MINUTE + 1), days), 0) == ["outside_hours"]


@pytest.mark.parametrize("start", [-(2**60), -200, 2**60])
def test_no_start_is_too_far_away_to_be_refused(start: int) -> None:
    when = "lead_time" if start < 0 else "horizon"
    assert judged(HALF_HOUR, diary()).reasons(start=start, on_grid=True) == ["outside_hours", when]


def test_to_the_second_a_visit_begins_where_another_ends() -> None:
    judgement = judged(HALF_HOUR, diary(occupied(600, wants=HALF_HOUR)))
    assert reasons(judgement, 570) == reasons(judgement, 630) == []
    assert reasons(judgement, 570, second=1) == reasons(judgement, 629, second=59) == ["booked", "off_grid"]
    buffered = judged(demand(30, before=15, after=15), diary(occupied(600, wants=HALF_HOUR)))
    assert (reasons(buffered, 570), reasons(buffered, 630)) == (["buffer"], ["buffer"])
    assert (reasons(buffered, 555), reasons(buffered, 645)) == ([], [])
    assert reasons(buffered, 570, second=1) == reasons(buffered, 629, second=59) == ["booked", "off_grid"]
    assert reasons(buffered, 555, second=1) == reasons(buffered, 644, second=59) == ["buffer", "off_grid"]


def test_buffers_keep_neighbours_apart_once_each() -> None:
    wants = demand(30, before=10, after=20)
    judgement = judged(wants, diary(occupied(600, wants=wants)))
    assert reasons(judgement, 600 + 30 + 15) == ["buffer"]
    assert reasons(judgement, 600 + 30 + 30) == []
    assert reasons(judgement, 540) == []
    assert reasons(judgement, 555) == ["buffer"]
    assert reasons(judgement, 585) == ["booked"]


@pytest.mark.fault("B22")
def test_tolerance_lets_two_meet_that_long_and_not_longer() -> None:
    wants = demand(60, tolerance=15)
    judgement = judged(wants, diary(occupied(600, wants=wants)))
    assert reasons(judgement, 645) == []
    assert reasons(judgement, 555) == []
    assert reasons(judgement, 570) == ["booked"]
    assert reasons(judgement, 630) == ["booked"]


@pytest.mark.fault("B22")
def test_tolerance_never_lengthens_the_shift() -> None:
    assert free(judged(demand(60, tolerance=30), diary()))[-1] == 1020


def test_a_long_service_is_not_offered_across_a_booking_inside_it() -> None:
    judgement = judged(demand(180), diary(occupied(570, wants=HALF_HOUR)))
    assert free(judgement) == list(range(600, 901, 15))


def test_gaps_are_filled_only_where_the_service_asks_for_it() -> None:
    there = occupied(605, wants=demand(20))
    assert 625 not in free(judged(HALF_HOUR, diary(there)))
    judgement = judged(demand(30, fit_gaps=True), diary(there))
    assert {625, 575} <= set(free(judgement))
    assert reasons(judgement, 625) == []
    assert reasons(judgement, 626) == ["off_grid"]


def test_gaps_are_filled_up_to_the_buffers_and_down_to_the_tolerance() -> None:
    there = occupied(700, wants=demand(20, before=5, after=10))
    wants = demand(30, before=2, after=4, tolerance=3, fit_gaps=True)
    judgement = judged(wants, diary(there, working=minutes((541, 1078))))
    off_grid = [minute for minute in free(judgement) if minute % 15]
    assert off_grid == [541, 700 - 5 - 31, 730 + 2, 1078 - 30]
    assert all(reasons(judgement, minute) == [] for minute in off_grid)
    assert (reasons(judgement, 665), reasons(judgement, 731)) == (["buffer", "off_grid"], ["buffer", "off_grid"])
    first, last = 600 * MINUTE, 732 * MINUTE
    assert judgement.free(grid=[], first=first, last=last) == [664 * MINUTE]


class TestRooms:
    """A visit needs one of its rooms, whoever else wants it."""

    def test_a_room_taken_by_a_colleague_is_named(self) -> None:
        wants = demand(30, rooms=frozenset({7}))
        judgement = judged(wants, diary(occupied(600, wants=wants, who=BIA, room=7)))
        assert reasons(judgement, 600) == ["room"]
        assert reasons(judgement, 630) == []

    def test_a_room_needs_its_buffers_and_lends_its_tolerance_as_people_do(self) -> None:
        wants = demand(30, before=5, after=10, tolerance=3, rooms=frozenset({7}))
        judgement = judged(wants, diary(occupied(600, wants=wants, who=BIA, room=7)))
        refused = [minute for minute in range(540, 700) if "room" in reasons(judgement, minute)]
        assert (refused[0], refused[-1], len(refused)) == (600 - 5 - 37 + 1, 637 + 5 - 1, 83)

    def test_any_free_room_will_do_and_the_first_is_given(self) -> None:
        wants = demand(30, rooms=frozenset({7, 8}))
        judgement = judged(wants, diary(occupied(600, wants=wants, who=BIA, room=7)))
        assert reasons(judgement, 600) == []
        assert judgement.place(start=600 * MINUTE).room == 8
        assert judgement.place(start=540 * MINUTE).room == 7

    def test_a_room_is_free_from_the_second_that_somebody_leaves_it(self) -> None:
        wants = demand(30, rooms=frozenset({7, 8}))
        judgement = judged(wants, diary(occupied(600, wants=wants, who=BIA, room=7)))
        assert [judgement.place(start=minute * MINUTE).room for minute in (570, 571, 629, 630)] == [7, 8, 8, 7]

    def test_where_every_room_is_taken_the_first_is_named_all_the_same(self) -> None:
        wants = demand(30, rooms=frozenset({7, 8}))
        there = [occupied(600, wants=wants, who=BIA, room=room) for room in (7, 8)]
        judgement = judged(wants, diary(*there))
        assert reasons(judgement, 600) == ["room"]
        assert judgement.place(start=600 * MINUTE) == Place(session=None, lane=1, room=7)

    def test_a_visit_without_rooms_goes_nowhere_in_particular(self) -> None:
        assert judged(HALF_HOUR, diary()).place(start=600 * MINUTE) == Place(session=None, lane=1, room=None)

    def test_without_a_room_in_common_nothing_is_ever_free(self) -> None:
        judgement = judged(demand(30, rooms=frozenset()), diary())
        assert free(judgement) == []
        assert reasons(judgement, 600) == ["room"]


class TestGroups:
    """Only the same session shares time."""

    wants = demand(60, capacity=2, group="yoga")

    def mate(self, start: int, lane: int) -> Occupied:
        session = session_of(self.wants, ANA, start * MINUTE)
        return occupied(start, wants=self.wants, session=session, lane=lane)

    def test_a_session_is_open_until_its_last_place(self) -> None:
        judgement = judged(self.wants, diary(self.mate(600, 2)))
        assert reasons(judgement, 600) == []
        assert judgement.place(start=600 * MINUTE).lane == 1
        assert reasons(judgement, 615) == ["booked"]

    def test_a_full_session_says_so(self) -> None:
        judgement = judged(self.wants, diary(self.mate(600, 1), self.mate(600, 2)))
        assert reasons(judgement, 600) == ["capacity"]
        assert 600 not in free(judgement)

    def test_whoever_comes_joins_the_one_session_of_that_start(self) -> None:
        judgement = judged(self.wants, diary(self.mate(600, 1)))
        assert judgement.place(start=600 * MINUTE) == Place(
            session=session_of(self.wants, ANA, 600 * MINUTE), lane=2, room=None
        )
        assert judgement.place(start=900 * MINUTE) == Place(
            session=session_of(self.wants, ANA, 900 * MINUTE), lane=1, room=None
        )
        assert judgement.place(start=900 * MINUTE).session != judgement.place(start=600 * MINUTE).session

    def test_the_first_place_that_is_free_is_taken_and_a_full_session_has_none(self) -> None:
        wants = demand(60, capacity=3, group="yoga")
        session = session_of(wants, ANA, 600 * MINUTE)
        lanes = [3, 1, 2]
        given = []
        for count in range(1, 4):
            there = [occupied(600, wants=wants, session=session, lane=lane) for lane in lanes[:count]]
            given.append(judged(wants, diary(*there)).place(start=600 * MINUTE).lane)
        assert given == [1, 2, 1]  # of the last nobody asks: the session is full

    def test_a_session_is_joined_at_its_very_second(self) -> None:
        one = judged(self.wants, diary(self.mate(600, 2)))
        full = judged(self.wants, diary(self.mate(600, 1), self.mate(600, 2)))
        assert (reasons(one, 600), reasons(full, 600)) == ([], ["capacity"])
        assert reasons(one, 600, second=1) == reasons(full, 600, second=1) == ["booked", "off_grid"]

    def test_another_service_cannot_join(self) -> None:
        assert reasons(judged(demand(60), diary(self.mate(600, 1))), 600) == ["booked"]

    def test_a_session_keeps_its_room_though_the_service_may_use_others_now(self) -> None:
        wants = demand(60, capacity=2, group="yoga", rooms=frozenset({3}))
        session = session_of(wants, ANA, 600 * MINUTE)
        colleague = occupied(600, wants=wants, who=BIA, room=3)
        judgement = judged(wants, diary(occupied(600, wants=wants, session=session, room=4), colleague))
        assert (reasons(judgement, 600), judgement.place(start=600 * MINUTE).room) == ([], 4)
        assert reasons(judgement, 600, second=1) == ["booked", "room", "off_grid"]

    def test_mates_share_the_room_of_the_session(self) -> None:
        wants = demand(60, capacity=2, group="yoga", rooms=frozenset({3, 4}))
        session = session_of(wants, ANA, 600 * MINUTE)
        judgement = judged(wants, diary(occupied(600, wants=wants, session=session, room=4)))
        assert reasons(judgement, 600) == []
        assert judgement.place(start=600 * MINUTE).room == 4


STARTS = st.integers(0, 95).map(lambda quarter: quarter * 15)
WANTS = st.builds(
    demand,
    st.sampled_from([15, 30, 45, 60, 90]),
    before=st.sampled_from([0, 5, 15]),
    after=st.sampled_from([0, 10, 30]),
    tolerance=st.sampled_from([0, 5, 10]),
    fit_gaps=st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(
    WANTS,
    st.lists(st.tuples(STARTS, WANTS, st.booleans()), max_size=6),
    st.lists(st.tuples(STARTS, STARTS), max_size=3),
)
def test_what_is_free_is_what_has_no_reason_and_overlaps_nobody(
    wants: Demand, there: list[tuple[int, Demand, bool]], working: list[tuple[int, int]]
) -> None:
    others = [occupied(start, wants=theirs, held=held) for start, theirs, held in there]
    days = Diary(professional=ANA, working=minutes(*working), away=minutes((700, 760)), occupied=others)
    judgement = judged(wants, days, earliest=30, latest=1300)
    starts = set(judgement.free(grid=GRID, first=0, last=DAY * MINUTE))
    for start in range(0, DAY * MINUTE, 5 * MINUTE):
        told = judgement.reasons(start=start, on_grid=start % (15 * MINUTE) == 0)
        assert (start in starts) == (not told)
        if start in starts:
            lower, upper = wants.blocked(start)
            assert all(other.blocked[1] <= lower or upper <= other.blocked[0] for other in others)
            inside = set(range(start, start + wants.duration, 5 * MINUTE))
            open_minutes = {m for begin, end in days.working for m in range(begin, end, 5 * MINUTE)}
            assert inside <= open_minutes
            assert not any(700 * MINUTE <= m < 760 * MINUTE for m in inside)
            assert 30 * MINUTE <= start < 1300 * MINUTE


@pytest.mark.fault("B22")
@settings(deadline=None, max_examples=100)
@given(st.integers(0, 14), st.lists(st.tuples(STARTS, st.sampled_from([15, 30, 60])), max_size=25))
def test_however_they_are_booked_two_visits_never_meet_longer_than_tolerated(
    tolerance: int, wishes: list[tuple[int, int]]
) -> None:
    accepted: list[Occupied] = []
    for start, duration in wishes:
        wants = demand(duration, tolerance=tolerance)
        judgement = judged(wants, diary(*accepted, working=minutes((0, DAY))))
        if not judgement.reasons(start=start * MINUTE, on_grid=True):
            accepted.append(occupied(start, wants=wants))
    for before, after in pairwise(sorted(accepted, key=lambda visit: visit.starts)):
        assert before.ends - after.starts <= tolerance * MINUTE
