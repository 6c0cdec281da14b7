"""Ways to pay and to hand over that nothing can complete are no longer offered, and waiting ends in time."""

import django.contrib.postgres.fields
import django.core.validators
from django.db import migrations, models

import shop.models

KEEP = """
INSERT INTO shop_policychange (key, old, new, actor_kind, actor_id, door, at)
SELECT '{column}', array_to_string({column}, ','), array_to_string({kept}, ','), 'system', '', 'command', now()
FROM shop_shopsettings WHERE NOT {column} <@ ARRAY[{possible}]::varchar[];
UPDATE shop_shopsettings SET {column} = {kept} WHERE NOT {column} <@ ARRAY[{possible}]::varchar[];
"""


def keep(*, column: str, possible: list[str]) -> str:
    """Return the SQL that keeps what can be completed of a list, at least the first of it, and writes that down."""
    names = ", ".join(f"'{one}'" for one in possible)
    chosen = f"ARRAY(SELECT one FROM unnest({column}) one WHERE one = ANY (ARRAY[{names}]::varchar[]))::varchar[]"
    kept = f"coalesce(nullif({chosen}, ARRAY[]::varchar[]), ARRAY['{possible[0]}']::varchar[])"
    return KEEP.format(column=column, possible=names, kept=kept)


class Migration(migrations.Migration):
    """Narrows the lists and adds the margin."""

    dependencies = [
        ("shop", "0002_guards_and_first_settings"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="shopsettings",
            name="shopsettings_payment_methods_known",
        ),
        migrations.RemoveConstraint(
            model_name="shopsettings",
            name="shopsettings_fulfilment_methods_known",
        ),
        migrations.RunSQL(
            [
                keep(column="payment_methods", possible=["on_site", "transfer"]),
                keep(column="fulfilment_methods", possible=["pickup"]),
            ],
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="deadline_margin_minutes",
            field=models.PositiveIntegerField(
                default=60,
                help_text="Minutes before the first appointment or pickup that waiting for money or an answer ends.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(10080),
                ],
                verbose_name="waiting ends",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="fulfilment_methods",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=[("pickup", "Pickup")], max_length=10),
                default=shop.models.default_fulfilment_methods,
                help_text="How goods reach customers.",
                size=None,
                verbose_name="fulfilment methods",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="payment_methods",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[("on_site", "At the counter"), ("transfer", "Bank transfer")], max_length=10
                ),
                default=shop.models.default_payment_methods,
                help_text="How customers can pay.",
                size=None,
                verbose_name="payment methods",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("payment_methods__contained_by", ["on_site", "transfer"]), ("payment_methods__len__gte", 1)
                ),
                name="shopsettings_payment_methods_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fulfilment_methods__contained_by", ["pickup"]), ("fulfilment_methods__len__gte", 1)
                ),
                name="shopsettings_fulfilment_methods_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("deadline_margin_minutes__gte", 0), ("deadline_margin_minutes__lte", 10080)),
                name="shopsettings_deadline_margin_minutes",
            ),
        ),
    ]
