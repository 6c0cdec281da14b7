"""Incoming shapes: exactly right, or refused with a pointer and a code."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.kinds import Amount, Day, Id, Instant, Kind, Name, Quantity, Secret, Sku, Text, Wrong
from api.kinds_of_people import Document, Email, Phone


def codes(kind: Kind, value: Any) -> list[str]:
    """Return the code with which a kind refuses a value; none when it takes it."""
    try:
        kind.read(value)
    except Wrong as wrong:
        return [wrong.code]
    return []


@pytest.mark.fault("A20")
@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        100_001,
        2**31,
        2**63,
        10**29,
        1.0,
        1.5,
        Decimal(1),
        True,
        False,
        "1",
        "１２",
        "1_000",
        "1e3",
        None,
        [],
        {},
        "",
    ],
)
def test_what_is_no_quantity(value: Any) -> None:
    assert codes(Quantity(100_000), value) != []


@pytest.mark.parametrize("value", [1, 2, 999, 100_000])
def test_a_good_quantity_is_taken(value: int) -> None:
    assert Quantity(100_000).read(value) == value


@pytest.mark.fault("A20")
@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.decimals(allow_nan=True)))
def test_no_quantity_outside_its_range_is_ever_taken(value: Any) -> None:
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000
    assert (codes(Quantity(100_000), value) == []) is good


@pytest.mark.parametrize("value", ["BOLO-CENOURA", "a", "A.b_c-1", "x" * 64])
def test_a_sku_is_taken(value: str) -> None:
    assert Sku().read(value) == value


@pytest.mark.parametrize("value", ["", " ", "BOLO CENOURA", "PÃO", "x" * 65, "a\n", "a/b", "\x00", 7, None, ["a"]])
def test_what_is_no_sku_is_refused(value: Any) -> None:
    assert codes(Sku(), value) != []


@pytest.mark.parametrize(
    ("value", "expected"), [("59.90", "59.90"), ("0.00", "0.00"), ("0.01", "0.01"), ("99999999.99", "99999999.99")]
)
def test_an_amount_is_text_with_two_places(value: str, expected: str) -> None:
    assert str(Amount().read(value)) == expected


@pytest.mark.fault("A21")
@pytest.mark.fault("E5")
@pytest.mark.parametrize(
    "value",
    [59.9, 59, Decimal("59.90"), "59,90", "59.9", "59.900", "-1.00", "+1.00", "1e2", "NaN", "Infinity", "059.90", "1_0.00",
     "１.00", "100000000.00", " 1.00", "1.00\n", "", None, True, [], {}],
)  # fmt: skip
def test_what_is_no_amount_is_refused(value: Any) -> None:
    assert codes(Amount(), value) != []


def test_an_amount_of_nothing_can_be_too_little() -> None:
    assert codes(Amount(positive=True), "0.00") == ["positive"]
    assert codes(Amount(positive=True), "0.01") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-03-02T09:00:00-03:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T12:00:00Z", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02t12:00:00.250z", datetime(2026, 3, 2, 12, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-03-02T12:00+00:00", datetime(2026, 3, 2, 12, tzinfo=UTC)),
    ],
)
def test_an_instant_is_kept_in_utc(value: str, expected: datetime) -> None:
    found = Instant().read(value)
    assert found == expected
    assert found.utcoffset() == UTC.utcoffset(None)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("2026-03-02T09:00:00", "offset"),
        ("2026-03-02", "invalid"),
        ("2026-02-30T09:00:00Z", "invalid"),
        ("2026-03-02T24:30:00Z", "invalid"),
        ("2026-03-02T09:00:60Z", "invalid"),
        ("2026-03-02T09:00:00+25:00", "invalid"),
        ("0001-01-01T00:00:00+14:00", "invalid"),
        ("9999-12-31T23:59:59-14:00", "invalid"),
        ("9999-12-31T23:59:59Z", "invalid"),
        ("1999-12-31T23:59:59Z", "invalid"),
        ("2026-W10-1T09:00:00Z", "invalid"),
        ("２026-03-02T09:00:00Z", "invalid"),
        ("now", "invalid"),
        (1772452800, "invalid"),
        (True, "invalid"),
    ],
)
def test_what_is_no_instant_is_refused(value: Any, code: str) -> None:
    assert codes(Instant(), value) == [code]


@pytest.mark.parametrize(
    "value", ["2026-02-30", "2026-3-2", "02/03/2026", "0000-01-01", "9999-12-31", "2026-03-02T00:00:00Z", 20260302, ""]
)
def test_what_is_no_day_is_refused(value: Any) -> None:
    assert codes(Day(), value) != []


def test_a_day_is_a_date() -> None:
    assert Day().read("2026-03-02") == date(2026, 3, 2)


@pytest.mark.fault("E1")
@pytest.mark.fault("E2")
@pytest.mark.fault("E11")
@pytest.mark.parametrize(
    "value",
    ["a\x00b", "a\x07b", "a\x1bb", "a\x7fb", "a\u202eb", "a\u2066b", "a\u200bb", "\ufeffa", "a\ud800", 7, True, None, ["a"],
     "", "   ", "x" * 121],
)  # fmt: skip
def test_what_is_no_name_is_refused(value: Any) -> None:
    assert codes(Name(), value) != []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("  Ana   Lima ", "Ana Lima"),
        ("Jose\u0301", "José"),
        ("Pão\tde\nqueijo", "Pão de queijo"),
        ("D'Ávila & Cia <b>", "D'Ávila & Cia <b>"),
    ],
)
def test_a_name_stands_on_one_line_in_nfc(value: str, expected: str) -> None:
    assert Name().read(value) == expected


def test_a_note_keeps_its_lines() -> None:
    assert Text().read("Sem açúcar.\nObrigada!") == "Sem açúcar.\nObrigada!"
    assert codes(Text(5, blank=True), "123456") == ["max_length"]


@pytest.mark.fault("E12")
@pytest.mark.parametrize(
    "value",
    [
        1,
        True,
        2**128,
        [],
        {},
        "",
        "1",
        "9a0e01c272274dcdbba5a9e6d2241222",
        "{9a0e01c2-7227-4dcd-bba5-a9e6d2241222}",
        "urn:uuid:9a0e01c2-7227-4dcd-bba5-a9e6d2241222",
        "9a0e01c2-7227-4dcd-bba5-a9e6d2241222\n",
        "９a0e01c2-7227-4dcd-bba5-a9e6d2241222",
    ],
)
def test_an_id_is_a_uuid_with_hyphens(value: Any) -> None:
    assert codes(Id(), value) == ["invalid"]


def test_an_id_may_be_written_in_capitals() -> None:
    found = Id().read("9A0E01C2-7227-4DCD-BBA5-A9E6D2241222")
    assert str(found) == "9a0e01c2-7227-4dcd-bba5-a9e6d2241222"


@pytest.mark.parametrize("value", ["", "x" * 129, "a\x00b", 12345678901, True, None, ["x"]])
def test_what_is_no_password_is_refused(value: Any) -> None:
    assert codes(Secret(128), value) != []


@pytest.mark.parametrize("value", ["x" * 128, "  senha  ", "senha\u202e", "Sen\u0303a"])
def test_a_password_is_taken_as_it_was_typed(value: str) -> None:
    assert Secret(128).read(value) == value


def test_text_is_measured_as_it_is_kept() -> None:
    assert Name(5).read("e\u0301" * 5) == "é" * 5
    assert Name(5).read("Ana      B") == "Ana B"
    assert codes(Name(5), "é" * 6) == ["max_length"]


def test_only_what_may_be_left_out_is_nothing() -> None:
    assert [kind.read(" ") for kind in (Phone(), Document(), Email(blank=True))] == ["", "", ""]
    assert codes(Email(), " ") == ["blank"]
