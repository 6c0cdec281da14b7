"""One computation that says which starts are free and why the others are not.

A `Judgement` holds, for one professional and one visit, the starts refused under each reason. Free is whatever is on
the grid and under no reason, so the list shown to the public, the choices of the desk, the check at commit and the
explanation cannot disagree. Hours and time off bind the visit itself, not its buffers; buffers only
keep other appointments away, the one after the first and the one before the second both.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from scheduling.slots.spans import Span, Spans, collide, contains, fit, intersect, subtract, union

OUTSIDE_HOURS = "outside_hours"
TIME_OFF = "time_off"
BOOKED = "booked"
HELD = "held"
BUFFER = "buffer"
LEAD_TIME = "lead_time"
HORIZON = "horizon"
ROOM = "room"
CAPACITY = "capacity"
OFF_GRID = "off_grid"

REASONS = (OUTSIDE_HOURS, TIME_OFF, BOOKED, HELD, BUFFER, LEAD_TIME, HORIZON, ROOM, CAPACITY, OFF_GRID)
TAKEN = frozenset({BOOKED, HELD, BUFFER, ROOM, CAPACITY})
"""Reasons that are somebody else's appointment: another time may do."""

LONGEST = 24 * 60 * 60
"""No visit lasts longer than a day, so whoever looks a day back sees everything that reaches into a stretch."""

ALL_TIME: Span = (-(2**62), 2**62)
GROUPS = UUID("6f1b8a64-8d7c-4f5e-9f43-6f6b1d1c2a10")


@dataclass(frozen=True)
class Demand:
    """What a visit asks of a professional's day, in seconds.

    `rooms` None: no room is needed; otherwise any one of these. `group` names a group service, whose sessions up to
    `capacity` visits share; empty for a visit alone.
    """

    duration: int
    before: int = 0
    after: int = 0
    tolerance: int = 0
    capacity: int = 1
    group: str = ""
    rooms: frozenset[int] | None = None
    fit_gaps: bool = False

    def blocked(self, start: int) -> Span:
        """Return the time a visit that starts then keeps others away from."""
        return start - self.before, start + self.duration + self.after - self.tolerance


@dataclass(frozen=True)
class Occupied:
    """Time somebody has: an appointment that counts at the moment of judging."""

    starts: int
    ends: int
    blocked: Span
    session: UUID
    professional: int
    lane: int = 1
    room: int | None = None
    held: bool = False


@dataclass(frozen=True)
class Diary:
    """Everything known of one professional: working time, absences, and who is where."""

    professional: int
    working: Spans
    away: Spans
    occupied: Sequence[Occupied]
    """Appointments of this professional, and those of others in the rooms the visit could use."""


@dataclass(frozen=True)
class Place:
    """Where a visit would go: its session, its lane in it, and its room."""

    session: UUID | None
    lane: int
    room: int | None


@dataclass
class Judgement:
    """The starts refused, by reason, and the sessions a group visit could join."""

    demand: Demand
    diary: Diary
    refused: dict[str, Spans]

    def free(self, *, grid: Sequence[int], first: int, last: int) -> list[int]:
        """Return the free starts in [first, last): those of the grid, and those beside others if gaps count."""
        allowed = subtract([(first, last)], (span for spans in self.refused.values() for span in spans))
        starts: list[int] = []
        for start, end in allowed:
            starts.extend(grid[bisect_left(grid, start) : bisect_left(grid, end)])
        if self.demand.fit_gaps:
            beside = {start for start in self.edges() if contains(allowed, start)}
            return sorted(beside.union(starts))
        return starts

    def reasons(self, *, start: int, on_grid: bool) -> list[str]:
        """Return, in a fixed order, every reason why the visit cannot start then; nothing when it can."""
        found = [reason for reason in REASONS if contains(self.refused.get(reason, []), start)]
        if not on_grid and not (self.demand.fit_gaps and start in self.edges()):
            found.append(OFF_GRID)
        return found

    def edges(self) -> set[int]:
        """Return the starts that leave no gap to a neighbour or to the beginning or end of working time."""
        demand = self.demand
        length = demand.duration + demand.after - demand.tolerance
        beside = {start for start, _end in self.diary.working}
        beside.update(end - demand.duration for _start, end in self.diary.working)
        for other in _own(self.diary):
            beside.add(other.blocked[1] + demand.before)
            beside.add(other.blocked[0] - length)
        return beside

    def place(self, *, start: int) -> Place:
        """Return the session, lane and room of a visit that starts then, whether or not the start is free."""
        mates = _same_session(self.demand, self.diary).get(start, [])
        session = session_of(self.demand, self.diary.professional, start) if self.demand.group else None
        if mates:
            taken = {mate.lane for mate in mates}
            lanes = (lane for lane in range(1, self.demand.capacity + 1) if lane not in taken)
            return Place(session=session, lane=next(lanes, 1), room=mates[0].room)
        return Place(session=session, lane=1, room=self._room(start=start))

    def _room(self, *, start: int) -> int | None:
        if not self.demand.rooms:
            return None
        lower, upper = self.demand.blocked(start)
        taken = {other.room for other in self.diary.occupied if other.blocked[0] < upper and lower < other.blocked[1]}
        free = sorted(self.demand.rooms - taken)
        return free[0] if free else min(self.demand.rooms)


def session_of(demand: Demand, professional: int, start: int) -> UUID:
    """Return the one id of a group session: the same professional, service and start always give the same."""
    return uuid5(GROUPS, f"{professional}/{demand.group}/{start}")


def judge(*, demand: Demand, diary: Diary, earliest: int, latest: int) -> Judgement:
    """Judge every start: `earliest` is the first that notice allows, `latest` the first that is too far ahead."""
    mates = _same_session(demand, diary)
    joinable = [(start, start + 1) for start in mates]
    refused = {
        OUTSIDE_HOURS: subtract([ALL_TIME], fit(diary.working, demand.duration) if demand.duration <= LONGEST else []),
        TIME_OFF: collide(diary.away, 0, demand.duration),
        LEAD_TIME: [(ALL_TIME[0], earliest)],
        HORIZON: [(latest, ALL_TIME[1])],
        ROOM: subtract(_rooms_taken(demand, diary), joinable),
        CAPACITY: union((start, start + 1) for start, there in mates.items() if _full(demand, there)),
    }
    refused.update(_taken(demand, diary, mates))
    return Judgement(demand=demand, diary=diary, refused=refused)


def _taken(demand: Demand, diary: Diary, mates: dict[int, list[Occupied]]) -> dict[str, Spans]:
    """Return the starts refused because the professional is with somebody else, or about to be."""
    taken: dict[str, Spans] = {BOOKED: [], HELD: [], BUFFER: []}
    for other in _own(diary):
        meeting, beside = _blocked_starts(demand, other)
        if other in mates.get(other.starts, ()):
            joined = [(other.starts, other.starts + 1)]
            meeting, beside = subtract(meeting, joined), subtract(beside, joined)
        taken[HELD if other.held else BOOKED].extend(meeting)
        taken[BUFFER].extend(beside)
    return {reason: union(spans) for reason, spans in taken.items()}


def _blocked_starts(demand: Demand, other: Occupied) -> tuple[Spans, Spans]:
    """Return the starts at which the visit would meet the other, and those that only come too close. Plain sums:
    this runs once for every appointment of a month.
    """
    first = other.blocked[0] - demand.duration - demand.after + demand.tolerance + 1
    last = other.blocked[1] + demand.before
    meets, leaves = max(first, other.starts - demand.duration + 1), min(last, other.ends)
    if meets >= leaves:
        return [], [(first, last)]
    return [(meets, leaves)], [(first, meets), (leaves, last)]


def _rooms_taken(demand: Demand, diary: Diary) -> Spans:
    """Return the starts at which no room is left. Rooms this professional is in are already told as booked."""
    if demand.rooms is None:
        return []
    length = demand.duration + demand.after - demand.tolerance
    nowhere: Spans = [ALL_TIME]
    for room in demand.rooms:
        others = [
            other.blocked for other in diary.occupied if other.room == room and other.professional != diary.professional
        ]
        nowhere = intersect(nowhere, collide(others, demand.before, length))
    return nowhere


def _same_session(demand: Demand, diary: Diary) -> dict[int, list[Occupied]]:
    """Return the group sessions of this very service, by start."""
    if not demand.group:
        return {}
    sessions: dict[int, list[Occupied]] = {}
    for other in _own(diary):
        if other.session == session_of(demand, diary.professional, other.starts):
            sessions.setdefault(other.starts, []).append(other)
    return sessions


def _full(demand: Demand, there: Iterable[Occupied]) -> bool:
    return {mate.lane for mate in there}.issuperset(range(1, demand.capacity + 1))


def _own(diary: Diary) -> list[Occupied]:
    return [other for other in diary.occupied if other.professional == diary.professional]
