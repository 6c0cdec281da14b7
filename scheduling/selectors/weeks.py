"""Somebody's ordinary week."""

from collections.abc import Mapping, Sequence

from scheduling.models import AvailabilityRule, Professional

Week = Mapping[int, Sequence[tuple[int, int]]]
"""By weekday (Monday is 0) the stretches of work, in minutes past midnight; every day is there."""


def week_of(*, professional: Professional) -> Week:
    """Return the week somebody works, without the hours that count only between two days; one statement."""
    rules = AvailabilityRule.objects.filter(
        professional=professional, valid_from__isnull=True, valid_until__isnull=True
    ).order_by("weekday", "opens", "closes")
    week: dict[int, list[tuple[int, int]]] = {day: [] for day in range(7)}
    for rule in rules:
        week[rule.weekday].append((rule.opens, rule.closes))
    return week
