"""A pickup can be moved: what was ordered stays frozen under the digest, beside the window as it is now."""

from django.db import migrations, models
from django.db.models import F, Q

TRIGGER = """
DROP TRIGGER orders_order_frozen ON orders_order;
{fill}
CREATE TRIGGER orders_order_frozen BEFORE UPDATE ON orders_order
    FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION balcao_refuse_change();
"""
FILL = """
UPDATE orders_order SET agreed_pickup_starts_at = pickup_starts_at, agreed_pickup_ends_at = pickup_ends_at
WHERE pickup_starts_at IS NOT NULL;
"""
AGREED = (
    "public_id", "number", "cart_id", "payment_method", "currency", "subtotal", "discount", "shipping", "total",
    "amount_due_now", "fulfilment_method", "policy_shown", "digest", "placed_at",
)  # fmt: skip
WINDOW = ("pickup_starts_at", "pickup_ends_at")
AGREED_WINDOW = ("agreed_pickup_starts_at", "agreed_pickup_ends_at")


def frozen(*, columns: tuple[str, ...], fill: str) -> str:
    """Return the statements that freeze these columns in place of those frozen before."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    return TRIGGER.format(changed=changed, fill=fill)


class Migration(migrations.Migration):
    """Adds the agreed window, copies it, and freezes it instead of the one that moves."""

    dependencies = [("orders", "0005_search_and_sort_keys")]

    operations = [
        migrations.AddField(
            "orderevent",
            "pickup_at",
            models.DateTimeField(
                blank=True,
                help_text="Start of the pickup window, where the step moved it.",
                null=True,
                verbose_name="pickup from",
            ),
        ),
        migrations.AddField(
            "order",
            "agreed_pickup_starts_at",
            models.DateTimeField(
                blank=True,
                help_text="Start of the window that was ordered.",
                null=True,
                verbose_name="agreed pickup from",
            ),
        ),
        migrations.AddField(
            "order",
            "agreed_pickup_ends_at",
            models.DateTimeField(
                blank=True,
                help_text="End of the window that was ordered.",
                null=True,
                verbose_name="agreed pickup until",
            ),
        ),
        migrations.AlterField(
            "order",
            "pickup_starts_at",
            models.DateTimeField(
                blank=True,
                help_text="Start of the pickup window as it is now.",
                null=True,
                verbose_name="pickup from",
            ),
        ),
        migrations.AlterField(
            "order",
            "pickup_ends_at",
            models.DateTimeField(
                blank=True,
                help_text="End of the pickup window as it is now.",
                null=True,
                verbose_name="pickup until",
            ),
        ),
        migrations.RunSQL(
            sql=frozen(columns=AGREED + AGREED_WINDOW, fill=FILL), reverse_sql=frozen(columns=AGREED + WINDOW, fill="")
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(
                    Q(
                        agreed_pickup_ends_at__isnull=True,
                        agreed_pickup_starts_at__isnull=True,
                        pickup_starts_at__isnull=True,
                    ),
                    Q(
                        agreed_pickup_ends_at__isnull=False,
                        agreed_pickup_starts_at__isnull=False,
                        agreed_pickup_starts_at__lt=F("agreed_pickup_ends_at"),
                        pickup_starts_at__isnull=False,
                    ),
                    _connector="OR",
                ),
                name="order_agreed_pickup_window",
            ),
        ),
    ]
