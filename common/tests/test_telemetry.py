"""What a span says of a statement; that nothing is written where nobody collects."""

import pytest

from common import telemetry, traces


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ('SELECT "a"."b" FROM "a" WHERE "a"."id" = %s LIMIT 21', 'SELECT "a"."b" FROM "a" WHERE "a"."id" = %s LIMIT ?'),
        ("SELECT 'Zuleica', 'it''s', E'it\\'s hers', 'a\\' , 7", "SELECT ?, ?, ?, ? , ?"),
        ("SELECT $$Zuleica$$, $of$ it's $$ hers $of$, $1", "SELECT ?, ?, $1"),
        ("SELECT 1 -- Zuleica's\nFROM a /* 'her */ WHERE b", "SELECT ? FROM a WHERE b"),
        ('SELECT "it\'s", 0x1F, 1.5e3, table2.x3', 'SELECT "it\'s", ?, ?, table2.x3'),
        ("SELECT 'Zuleica", "SELECT ?"),
        ("SELECT $$Zuleica", "SELECT ?"),
        ("SELECT /* Zuleica", "SELECT"),
        ("SELECT %(name)s,\n   %s::int", "SELECT %(name)s, %s::int"),
    ],
)
def test_a_statement_is_told_without_its_values(statement: str, told: str) -> None:
    assert telemetry.without_values(statement) == told


def test_a_statement_is_told_up_to_a_length() -> None:
    assert len(telemetry.without_values(f"SELECT {', '.join(['column'] * 2000)}")) == telemetry.MOST_TEXT


def test_nothing_is_carried_where_nobody_collects() -> None:
    assert type(traces.writer) is traces.Untraced
    assert traces.writer.carried() == {}
