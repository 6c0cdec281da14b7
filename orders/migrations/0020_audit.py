"""Orders: every change is written down; of whose they are, only that it changed."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("orders", "0019_visit_lines")]

    operations = [
        audited(
            table="orders_order",
            told=[
                "number",
                "cart_id",
                "customer_id",
                "status",
                "payment_method",
                "currency",
                "subtotal",
                "discount",
                "shipping",
                "total",
                "amount_due_now",
                "cancelled",
                "late_fee",
                "paid",
                "refunded",
                "fulfilment_method",
                "pickup_starts_at",
                "pickup_ends_at",
                "agreed_pickup_starts_at",
                "agreed_pickup_ends_at",
                "channel",
                "language",
                "digest",
                "placed_at",
                "expires_at",
                "link_version",
            ],  # fmt: skip
            unsaid=["public_id", "policy_shown"],
        ),
        audited(
            table="orders_orderline",
            told=[
                "order_id",
                "position",
                "kind",
                "variant_id",
                "sku",
                "name",
                "options",
                "quantity",
                "unit",
                "price_per",
                "unit_price",
                "discount",
                "line_total",
                "deposit",
                "claim",
            ],  # fmt: skip
            unsaid=["public_id", "appointment"],
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="orders_ordercontact",
            told=["order_id", "record_id", "anonymised_at"],
            unsaid=["name", "email", "phone", "document", "pickup_person", "address", "note"],
            part_of=("orders_order", "order_id"),
        ),
        audited(
            table="orders_fulfilment",
            told=["order_id", "status", "created_at"],
            unsaid=["public_id", "tracking"],
            part_of=("orders_order", "order_id"),
        ),
    ]
