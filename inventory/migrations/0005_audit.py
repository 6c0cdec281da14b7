"""Units: every change is written down; of those that reservations keep, what did not come from the shop."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("inventory", "0004_counts")]

    operations = [
        audited(
            table="inventory_stockitem",
            told=["variant_id", "on_hand", "reserved", "low_stock_at"],
            quiet=["reserved"],
            inserts=True,
        ),
        audited(
            table="inventory_stockreservation",
            told=["stock_item_id", "claim", "quantity", "allocated", "expires_at"],
            part_of=("inventory_stockitem", "stock_item_id"),
            only_by_hand=True,
        ),
    ]
