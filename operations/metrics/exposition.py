"""All figures as text that Prometheus reads."""

import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from api import traffic
from common import replica, tallies
from common.counters import Series
from operations.metrics import readings
from operations.metrics.families import COUNTED, FAMILIES, Family
from operations.metrics.readings import Figure

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

NAMES = {
    "event": "balcao_events_total",
    "security": "balcao_security_events_total",
    "refusal": "balcao_refusals_total",
    replica.READ: "balcao_reads_total",
    "task": "balcao_tasks_total",
    traffic.REQUESTS: "balcao_http_requests_total",
}
"""Which family a count belongs to that is shown as it was counted."""

MICRO = 1_000_000


class Found:
    """Figures that were read, in the form in which the client library writes them."""

    def __init__(self, figures: Iterable[Figure], histograms: Iterable[Metric], absent: set[str]) -> None:
        self._values: dict[str, dict[tuple[str, ...], float]] = {family.name: {} for family in FAMILIES}
        self._histograms, self._absent = list(histograms), absent
        for figure in figures:
            self._values[figure.family][figure.words] = figure.value

    def collect(self) -> Iterator[Metric]:
        """Give every family of which anything is known."""
        for family in FAMILIES:
            values = self._values[family.name]
            if family.kind == "histogram" or family.name in self._absent:
                continue
            for words in family.zeros:
                values.setdefault(words, 0)
            if values:
                yield _written(family, values)
        yield from self._histograms


def exposed(*, now: datetime) -> bytes:
    """Return every figure, as Prometheus reads it. What cannot be read now is left out and said to be."""
    tallies.tell()
    counted = tallies.totals()
    began = time.perf_counter()
    figures, absent = _rows(now=now)
    seconds = time.perf_counter() - began
    figures += _replica()
    figures += [
        Figure("balcao_build_info", (settings.VERSION,), 1),
        Figure("balcao_up", ("redis",), counted is not None),
        Figure("balcao_reading_seconds", (), seconds),
    ]
    if counted is None:  # a 0 would look as if all counts had begun anew
        return generate_latest(Found(figures, [], absent | {family.name for family in COUNTED}))
    return generate_latest(Found([*figures, *_counts(counted)], _durations(counted), absent))


def _rows(*, now: datetime) -> tuple[list[Figure], set[str]]:
    """Return what the database says, and the families of which it says nothing now."""
    figures: list[Figure] = []
    absent: set[str] = set()
    try:
        for reading, found in readings.read(now=now):
            figures += found or []
            figures.append(Figure("balcao_reading_up", (reading.group,), found is not None))
            absent |= _families_of(reading) if found is None else set()
    except DatabaseError:
        everything = set().union(*map(_families_of, readings.READINGS))
        return [Figure("balcao_up", ("database",), 0)], everything
    return [*figures, Figure("balcao_up", ("database",), 1)], absent


def _replica() -> Iterator[Figure]:
    """Give how the replica stands, where there is one."""
    if replica.is_set():
        found = replica.standing()
        yield Figure("balcao_up", ("replica",), found.word != replica.UNREACHABLE)
        yield Figure("balcao_replica_read", (), found.is_read)
        if found.lag is not None:
            yield Figure("balcao_replica_lag_seconds", (), found.lag)


def _families_of(reading: readings.Reading) -> set[str]:
    return {family.name for family in FAMILIES if f"'{family.name}'" in reading.statement}


def _counts(counted: Mapping[Series, int]) -> Iterator[Figure]:
    for series, amount in counted.items():
        kind, words = series[0], series[1:]
        if kind in NAMES:
            yield Figure(NAMES[kind], words, amount)
        elif kind == "task_microseconds":
            yield Figure("balcao_task_seconds_total", words, amount / MICRO)


def _durations(counted: Mapping[Series, int]) -> Iterator[Metric]:
    """Give the histogram of requests: classes that add up, as Prometheus wants them."""
    classes: dict[tuple[str, ...], list[int]] = {}
    for series, amount in counted.items():
        if series[0] == traffic.SECONDS:
            labels, number = series[1:-1], int(series[-1])
            classes.setdefault(labels, [0] * (len(traffic.BOUNDS) + 1))[number] = amount
    family = next(one for one in COUNTED if one.kind == "histogram")
    metric = HistogramMetricFamily(family.name, family.help, labels=family.labels)
    bounds = [*map(str, traffic.BOUNDS), "+Inf"]
    for labels, amounts in sorted(classes.items()):
        summed = [sum(amounts[: place + 1]) for place in range(len(bounds))]
        taken = counted.get((traffic.MICROSECONDS, *labels), 0) / MICRO
        metric.add_metric(labels, list(zip(bounds, summed, strict=True)), taken)
    yield metric


def _written(family: Family, values: Mapping[tuple[str, ...], float]) -> Metric:
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    metric = kind(family.name, family.help, labels=family.labels)
    for words, value in sorted(values.items()):
        metric.add_metric(words, value)
    return metric
