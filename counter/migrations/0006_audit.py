"""Receipts, and sales that wait for a Pix: every change is written down; of what waits, those past the shop."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("counter", "0005_pinned")]

    operations = [
        audited(
            table="counter_receipt",
            told=["sale", "order_id", "received", "change", "actor_kind", "actor_id", "at"],
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="counter_awaitedpix",
            told=[
                "order_id",
                "own",
                "amount",
                "parts",
                "tips",
                "visits",
                "parked_id",
                "session_id",
                "status",
                "actor_kind",
                "actor_id",
                "at",
                "until",
                "ended_at",
            ],  # fmt: skip
            unsaid=["key", "fingerprint", "reason"],
            part_of=("orders_order", "order_id"),
            only_by_hand=True,
        ),
    ]
