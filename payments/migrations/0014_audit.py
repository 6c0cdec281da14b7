"""Money: every change of a payment, a refund or a case is written down."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("payments", "0013_given_back_by")]

    operations = [
        audited(
            table="payments_payment",
            told=[
                "order_id",
                "gateway",
                "method",
                "tender",
                "session_id",
                "status",
                "amount",
                "currency",
                "actor_kind",
                "actor_id",
                "created_at",
                "expires_at",
                "received_at",
            ],  # fmt: skip
            unsaid=["public_id", "reference", "gateway_reference", "given", "return_url", "failure"],
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="payments_refund",
            told=[
                "order_id",
                "payment_id",
                "status",
                "amount",
                "currency",
                "tender",
                "session_id",
                "actor_kind",
                "actor_id",
                "created_at",
                "returned_at",
            ],  # fmt: skip
            unsaid=["public_id", "reason", "cause", "gateway_reference", "failure"],
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="payments_moneycase",
            told=[
                "kind",
                "cause",
                "status",
                "order_id",
                "payment_id",
                "refund_id",
                "event_id",
                "gateway",
                "amount",
                "currency",
                "opened_at",
                "settled_at",
                "actor_kind",
                "actor_id",
            ],  # fmt: skip
            unsaid=["public_id", "detail", "resolution"],
            part_of=("orders_order", "order_id"),
        ),
    ]
