"""An order knows the value of what was called off since, and a cancelled one costs nothing."""

from django.db import migrations, models

import common.money

COUNT = """
UPDATE orders_order o SET cancelled = CASE WHEN o.status = 'cancelled' THEN o.total ELSE gone.amount END
FROM (
    SELECT every.id, coalesce(sum(line.line_total), 0) AS amount FROM orders_order every
    LEFT JOIN orders_orderline line ON line.order_id = every.id
        AND EXISTS (SELECT 1 FROM orders_orderlinecancellation cut WHERE cut.line_id = line.id)
    GROUP BY every.id
) gone
WHERE gone.id = o.id AND (o.status = 'cancelled' OR gone.amount > 0);
"""


class Migration(migrations.Migration):
    """Adds the column, counts what was called off before, and lets the database hold it."""

    dependencies = [("orders", "0003_whole_pickup_windows")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="cancelled",
            field=common.money.MoneyField(
                decimal_places=2,
                default=0,
                help_text="Value of the lines that were called off since.",
                max_digits=12,
                verbose_name="called off",
            ),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancelled__gte", 0), ("cancelled__lte", models.F("total"))),
                name="order_cancelled_within_total",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "cancelled"), _negated=True),
                    ("cancelled", models.F("total")),
                    _connector="OR",
                ),
                name="order_cancelled_costs_nothing",
            ),
        ),
    ]
