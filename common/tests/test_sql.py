"""What is written as JSON for the database keeps its exact value; what JSON cannot carry is refused."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db.models import TextChoices

from common import sql


class Way(TextChoices):
    CASH = "cash", "Dinheiro"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("numeric", Decimal("19.90")),
        ("numeric", Decimal("123456789012345678.0001")),
        ("timestamptz", datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC)),
        ("date", date(2026, 2, 28)),
        ("time", time(23, 59, 59, 1)),
        ("uuid", UUID("6f2c1f6e-5b1e-4a1c-9a53-0d9a7c1c2b3d")),
        ("text", Way.CASH),
        ("text", 'pão "de" \\ queijo\n'),
        ("int", None),
        ("bool", True),
    ],
)
def test_a_value_comes_back_as_it_was(kind: str, value: Any) -> None:
    ((back,),) = sql.rows(f"SELECT (%(record)s::jsonb ->> 'value')::{kind}", {"record": sql.as_json({"value": value})})
    assert back == value
    assert not isinstance(value, Decimal) or str(back) == str(value)


@pytest.mark.django_db
@pytest.mark.parametrize("value", [object(), 1j, {"inner": object()}])
def test_what_json_cannot_carry_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="JSON"):
        sql.rows("SELECT %(record)s::jsonb", {"record": sql.as_json({"value": value})})
