"""Wall clocks and the odd days of the world."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scheduling.slots import (
    DayHours,
    Spans,
    WeeklyHours,
    contains,
    day_span,
    days_between,
    grid,
    instant_of,
    local_day,
    moment_of,
    on_grid,
    openings,
    seconds_of,
)

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
APIA = ZoneInfo("Pacific/Apia")
HOUR = 3600

ODD_DAYS = [
    (SAO_PAULO, date(2018, 11, 4), 23.0),
    (SAO_PAULO, date(2018, 2, 17), 25.0),
    (SAO_PAULO, date(2026, 11, 1), 24.0),
    (NEW_YORK, date(2027, 3, 14), 23.0),
    (NEW_YORK, date(2027, 11, 7), 25.0),
    (LORD_HOWE, date(2024, 10, 6), 23.5),
    (LORD_HOWE, date(2024, 4, 7), 24.5),
    (APIA, date(2011, 12, 30), 0.0),
    (APIA, date(2011, 12, 29), 24.0),
    (SAO_PAULO, date(2028, 2, 29), 24.0),
]


def iso(instant: int, zone: ZoneInfo) -> str:
    return moment_of(instant).astimezone(zone).isoformat()


def wall(spans: Spans, zone: ZoneInfo) -> list[tuple[str, str]]:
    return [(iso(start, zone), iso(end, zone)) for start, end in spans]


def weekly(day: date, opens: int, closes: int) -> WeeklyHours:
    return WeeklyHours(weekday=day.weekday(), opens=opens, closes=closes)


def opened(day: date, opens: int, closes: int, zone: ZoneInfo) -> list[tuple[str, str]]:
    spans = openings(weekly=[weekly(day, opens, closes)], overrides=[], holidays=[], zone=zone, first=day, last=day)
    return wall(spans, zone)


@pytest.mark.fault("B13")
@pytest.mark.parametrize(("zone", "day", "hours"), ODD_DAYS)
def test_a_day_is_as_long_as_it_was(zone: ZoneInfo, day: date, hours: float) -> None:
    start, end = day_span(day=day, zone=zone)
    assert (end - start) / HOUR == hours
    assert len(grid(first=day, last=day, minutes=15, zone=zone)) == hours * 4


@pytest.mark.fault("B11")
def test_a_skipped_wall_time_is_the_instant_of_the_change() -> None:
    assert iso(instant_of(day=date(2018, 11, 4), minute=30, zone=SAO_PAULO), SAO_PAULO) == "2018-11-04T01:00:00-02:00"
    assert iso(instant_of(day=date(2027, 3, 14), minute=150, zone=NEW_YORK), NEW_YORK) == "2027-03-14T03:00:00-04:00"
    assert iso(instant_of(day=date(2024, 10, 6), minute=135, zone=LORD_HOWE), LORD_HOWE) == "2024-10-06T02:30:00+11:00"
    assert iso(instant_of(day=date(2011, 12, 30), minute=600, zone=APIA), APIA) == "2011-12-31T00:00:00+14:00"


@pytest.mark.fault("B12")
def test_of_a_repeated_wall_time_the_first_counts() -> None:
    assert iso(instant_of(day=date(2027, 11, 7), minute=90, zone=NEW_YORK), NEW_YORK) == "2027-11-07T01:30:00-04:00"


@pytest.mark.fault("B11")
@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "expected"),
    [
        (SAO_PAULO, date(2018, 11, 4), 0, 120, [("2018-11-04T01:00:00-02:00", "2018-11-04T02:00:00-02:00")]),
        (NEW_YORK, date(2027, 3, 14), 120, 180, []),
        (NEW_YORK, date(2027, 3, 14), 60, 240, [("2027-03-14T01:00:00-05:00", "2027-03-14T04:00:00-04:00")]),
        (NEW_YORK, date(2027, 11, 7), 60, 120, [("2027-11-07T01:00:00-04:00", "2027-11-07T02:00:00-05:00")]),
        (APIA, date(2011, 12, 30), 540, 1080, []),
        (APIA, date(2011, 12, 30), 1320, 1560, []),
        (APIA, date(2011, 12, 29), 1320, 1560, [("2011-12-29T22:00:00-10:00", "2011-12-31T00:00:00+14:00")]),
    ],
)
def test_working_hours_of_odd_days(
    zone: ZoneInfo, day: date, opens: int, closes: int, expected: list[tuple[str, str]]
) -> None:
    assert opened(day, opens, closes, zone) == expected


@pytest.mark.fault("B14")
def test_shifts_that_meet_at_midnight_are_one_stretch() -> None:
    friday = date(2026, 12, 4)
    spans = openings(
        weekly=[weekly(friday, 1320, 1440), WeeklyHours(weekday=5, opens=0, closes=120)],
        overrides=[],
        holidays=[],
        zone=SAO_PAULO,
        first=friday,
        last=friday + timedelta(days=1),
    )
    assert wall(spans, SAO_PAULO) == [("2026-12-04T22:00:00-03:00", "2026-12-05T02:00:00-03:00")]


@pytest.mark.fault("B14")
def test_a_shift_may_run_past_midnight_of_the_year() -> None:
    assert opened(date(2026, 12, 31), 1320, 1560, SAO_PAULO) == [
        ("2026-12-31T22:00:00-03:00", "2027-01-01T02:00:00-03:00")
    ]


@pytest.mark.fault("B15")
def test_hours_valid_until_a_leap_day_end_with_it() -> None:
    leap = date(2028, 2, 29)
    rules = [
        WeeklyHours(weekday=day, opens=540, closes=600, valid_from=date(2028, 2, 28), valid_until=leap)
        for day in range(7)
    ]
    spans = openings(
        weekly=rules, overrides=[], holidays=[], zone=SAO_PAULO, first=date(2028, 2, 27), last=date(2028, 3, 2)
    )
    assert [local_day(instant=start, zone=SAO_PAULO) for start, _end in spans] == [date(2028, 2, 28), leap]


def test_an_override_replaces_the_day_and_a_holiday_closes_it() -> None:
    first = date(2026, 12, 7)
    days = list(days_between(first, first + timedelta(days=4)))
    spans = openings(
        weekly=[weekly(day, 540, 1080) for day in days],
        overrides=[
            DayHours(day=days[1]),
            DayHours(day=days[2], opens=600, closes=660),
            DayHours(day=days[2], opens=720, closes=780),
            DayHours(day=days[3], opens=600, closes=660),
        ],
        holidays=[days[3], days[4]],
        zone=SAO_PAULO,
        first=days[0],
        last=days[4],
    )
    assert wall(spans, SAO_PAULO) == [
        ("2026-12-07T09:00:00-03:00", "2026-12-07T18:00:00-03:00"),
        ("2026-12-09T10:00:00-03:00", "2026-12-09T11:00:00-03:00"),
        ("2026-12-09T12:00:00-03:00", "2026-12-09T13:00:00-03:00"),
        ("2026-12-10T10:00:00-03:00", "2026-12-10T11:00:00-03:00"),
    ]


def test_a_night_shift_belongs_to_the_day_it_opens_on() -> None:
    eve = date(2026, 12, 24)
    spans = openings(
        weekly=[weekly(eve, 1320, 1560)],
        overrides=[],
        holidays=[date(2026, 12, 25)],
        zone=SAO_PAULO,
        first=eve,
        last=eve + timedelta(days=1),
    )
    assert wall(spans, SAO_PAULO) == [("2026-12-24T22:00:00-03:00", "2026-12-25T02:00:00-03:00")]


ZONES = st.sampled_from([SAO_PAULO, NEW_YORK, LORD_HOWE, APIA, ZoneInfo("UTC")])
DAYS = st.one_of(
    st.sampled_from([day for _zone, day, _hours in ODD_DAYS]), st.dates(date(2010, 1, 1), date(2030, 12, 31))
)


@pytest.mark.fault("B13")
@settings(deadline=None, max_examples=60)
@given(ZONES, DAYS, st.integers(0, 1439), st.integers(1, 1440))
@example(LORD_HOWE, date(2024, 4, 7), 0, 106)
def test_hours_cover_exactly_the_instants_between_two_walls(zone: ZoneInfo, day: date, opens: int, length: int) -> None:
    closes = min(opens + length, 2880)
    spans = openings(weekly=[weekly(day, opens, closes)], overrides=[], holidays=[], zone=zone, first=day, last=day)
    begins = datetime.combine(day, datetime.min.time()) + timedelta(minutes=opens)
    ends = datetime.combine(day, datetime.min.time()) + timedelta(minutes=closes)
    midnight, next_midnight = day_span(day=day, zone=zone)
    seen_end = False
    for instant in range(midnight, midnight + 50 * HOUR, 60):
        moment = moment_of(instant).astimezone(zone).replace(tzinfo=None, fold=0)
        seen_end = seen_end or moment >= ends
        begun = instant >= instant_of(day=day, minute=opens, zone=zone)
        assert not begun or moment >= begins or moment_of(instant).astimezone(zone).fold == 1
        expected = midnight < next_midnight and begun and not seen_end
        assert contains(spans, instant) == expected


@settings(deadline=None, max_examples=60)
@given(ZONES, DAYS, st.sampled_from([5, 10, 15, 20, 30, 45, 60, 90]))
def test_the_grid_of_a_day_is_every_instant_whose_wall_time_is_round(zone: ZoneInfo, day: date, minutes: int) -> None:
    start, end = day_span(day=day, zone=zone)
    expected = [instant for instant in range(start, end, 300) if on_grid(instant=instant, minutes=minutes, zone=zone)]
    assert grid(first=day, last=day, minutes=minutes, zone=zone) == expected
    assert all(local_day(instant=instant, zone=zone) == day for instant in expected)


def test_seconds_are_rounded_down_and_come_back() -> None:
    moment = datetime(2026, 12, 1, 9, 0, 0, 999_999, tzinfo=SAO_PAULO)
    assert moment_of(seconds_of(moment)) == moment.replace(microsecond=0)
