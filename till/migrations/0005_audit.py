"""Tills, drawers and days: every change is written down; of notes and reasons, only that they changed.

A row of money is its own, also where it names a drawer: nobody who sells waits for another sale of the same drawer.
"""

from django.db import migrations

from audit.triggers import audited

COUNTED = [
    "actor_kind",
    "actor_id",
    "counted_cash",
    "counted_card",
    "counted_pix",
    "expected_cash",
    "expected_card",
    "expected_pix",
    "at",
    "session_id",
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("till", "0004_day_guards")]

    operations = [
        audited(
            table="till_till",
            told=["name", "active"],
            inserts=True,
        ),
        audited(
            table="till_tillsession",
            told=[
                "public_id",
                "till_id",
                "actor_kind",
                "actor_id",
                "opening_float",
                "opened_by_itself",
                "opened_at",
                "closed_at",
            ],  # fmt: skip
        ),
        audited(
            table="till_cashmovement",
            told=["public_id", "session_id", "kind", "amount", "actor_kind", "actor_id", "door", "at"],
            unsaid=["reason"],
            part_of=("till_tillsession", "session_id"),
        ),
        audited(
            table="till_tillcount",
            told=COUNTED,
            part_of=("till_tillsession", "session_id"),
        ),
        audited(
            table="till_tillclose",
            told=[*COUNTED, "count_id"],
            unsaid=["note"],
            part_of=("till_tillsession", "session_id"),
        ),
        audited(
            table="till_dayclose",
            told=[
                "day",
                "starts_at",
                "ends_at",
                "digest",
                "expected",
                "counted",
                "actor_kind",
                "actor_id",
                "door",
                "at",
            ],
            unsaid=["figures", "note"],
        ),
        audited(
            table="till_daycorrection",
            told=["day", "tender", "amount", "actor_kind", "actor_id", "door", "at"],
            unsaid=["reason"],
        ),
    ]
