"""Parts of a real shop die under buyers: who comes back as asked gets everything once."""

from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPMessage

import pytest

from tools.outages import judging
from tools.outages.__main__ import taken_away
from tools.outages.buyers import Heard, is_impolite
from tools.outages.parts import parts_of
from tools.outages.premises import Premises, missing, opened

BUYERS = 8
AWAY = 4.0
PARTS = (
    "nginx", "web 1", "beat", "Redis", "PgBouncer", "PostgreSQL", "PostgreSQL hangs", "disk full",
    "disk full, no room for WAL", "disk of copies full",
)  # fmt: skip
SAID = {
    "Redis": ("200 redis unreachable", "redis"),
    "PgBouncer": ("503 database unreachable", "database"),
    "PostgreSQL": ("503 database unreachable", "database"),
    "disk full": ("200 database full", "writes"),
    "disk full, no room for WAL": ("503 database unreachable", "database"),
    "disk of copies full": ("200 ok", "backup"),
}
"""By the part that is away, what readiness says then, and the doctor's probe that finds it."""


@pytest.mark.parametrize(
    ("status", "code", "retry_after", "expected"),
    [
        (200, "", "", False),
        (201, "", "", False),
        (503, "busy", "2", False),
        (503, "database_unavailable", "1", False),
        (503, "busy", "", True),
        (503, "", "2", True),
        (500, "server_error", "", True),
        (502, "", "1", True),
        (429, "throttled", "3", False),
        (429, "throttled", "", True),
        (409, "out_of_stock", "", False),
        (409, "idempotency_in_progress", "", False),
        (409, "cart_closed", "", True),
        (404, "not_found", "", True),
        (0, "TimeoutError", "", False),
    ],
)
def test_what_no_shop_should_say(status: int, code: str, retry_after: str, expected: bool) -> None:
    headers = HTTPMessage()
    if retry_after:
        headers["Retry-After"] = retry_after
    assert is_impolite(status, code, headers) is expected


@pytest.mark.parametrize(
    ("letters", "expected"),
    [(0, []), (2, []), (3, ["3 letters came twice, at most 2 may"])],
)
def test_a_letter_that_was_under_way_may_come_twice_and_no_other(letters: int, expected: list[str]) -> None:
    assert judging.too_many_doubled(letters) == expected


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("a@b.example", "A1")], []),
        ([], ["order A1: 0 rows []"]),
        ([("a@b.example", "A1"), ("a@b.example", "A2")], ["order A1: 2 rows ['A1', 'A2']"]),
    ],
)
def test_an_order_is_there_once(rows: list[tuple[object, ...]], expected: list[str]) -> None:
    heard = Heard()
    heard.orders["a@b.example"] = "A1"
    assert (
        judging.misplaced(heard, asked=lambda statement, _values: rows if "orders_order" in statement else [])
        == expected
    )


@pytest.fixture(scope="module")
def premises() -> Iterator[Premises]:
    if lacking := missing():
        pytest.skip(f"not on this machine: {lacking}")
    with opened() as found:
        yield found


@pytest.mark.servers
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_dies_under_buyers_costs_nobody_what_was_promised(premises: Premises, name: str) -> None:
    part = next((one for one in parts_of(premises) if one.name == name), None)
    if part is None:
        pytest.skip("only root fills a disk")
    row = taken_away(premises, replace(part, away=AWAY), usual=judging.doctor(premises), buyers=BUYERS)
    assert row.wrong == []
    assert row.impolite == {}
    assert row.statuses[201] > 0
    if name in SAID:
        ready, probe = SAID[name]
        assert ready in row.readiness
        assert row.doctor[probe].startswith("problem: PostgreSQL" if probe == "database" else ("problem", "warning"))
