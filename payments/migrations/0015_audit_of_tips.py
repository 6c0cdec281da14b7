"""Tips, lines of statements, and what gateways told: every change is written down; of events, those past the shop."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("payments", "0014_audit")]

    operations = [
        audited(
            table="payments_tip",
            told=[
                "public_id",
                "order_id",
                "professional_id",
                "session_id",
                "tender",
                "amount",
                "of_id",
                "actor_kind",
                "actor_id",
                "at",
            ],  # fmt: skip
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="payments_statementline",
            told=["source", "day", "amount", "order_id", "payment_id", "actor_kind", "actor_id", "taken_at"],
            unsaid=["reference"],
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="payments_gatewayevent",
            told=["gateway", "kind", "pulled", "status", "payment_id", "received_at", "handled_at"],
            unsaid=["public_id", "event_id", "body", "tells", "note"],
            only_by_hand=True,
        ),
    ]
