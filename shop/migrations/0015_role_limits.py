"""How far each role may go: discounts, refunds, cancels and prices."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the limits."""

    dependencies = [
        ("shop", "0014_decide_money"),
    ]

    operations = [
        migrations.AddField(
            model_name="shopsettings",
            name="counter_cancel_paid",
            field=models.PositiveIntegerField(
                db_default=500,
                default=500,
                help_text="How much an order that they cancel may have been paid; 0: only unpaid ones.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="counter: cancel what is paid (R$)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="counter_refund_day",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="What one person may give back in a day, all orders together.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="counter: refunds a day (R$)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="counter_refund_each",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="What one order may get back in one go; 0: they give nothing back.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="counter: one refund (R$)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="manager_cancel_paid",
            field=models.PositiveIntegerField(
                db_default=5000,
                default=5000,
                help_text="How much an order that they cancel may have been paid; 0: only unpaid ones.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="manager: cancel what is paid (R$)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="manager_discount_percent",
            field=models.PositiveIntegerField(
                db_default=30,
                default=30,
                help_text="What the manager may take off a sale.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="manager: discount (%)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="manager_price_percent",
            field=models.PositiveIntegerField(
                db_default=30,
                default=30,
                help_text="By how much a price may go up or down in a day; 0: they change none.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000),
                ],
                verbose_name="manager: change of a price a day (%)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="manager_refund_day",
            field=models.PositiveIntegerField(
                db_default=2000,
                default=2000,
                help_text="What one person may give back in a day, all orders together.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="manager: refunds a day (R$)",
            ),
        ),
        migrations.AddField(
            model_name="shopsettings",
            name="manager_refund_each",
            field=models.PositiveIntegerField(
                db_default=500,
                default=500,
                help_text="What one order may get back in one go; 0: they give nothing back.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="manager: one refund (R$)",
            ),
        ),
        migrations.AlterField(
            model_name="shopsettings",
            name="counter_discount_percent",
            field=models.PositiveIntegerField(
                db_default=10,
                default=10,
                help_text="What who sells at the counter may take off a sale; the owner may take off anything.",
                validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100)],
                verbose_name="counter: discount (%)",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("counter_refund_each__gte", 0), ("counter_refund_each__lte", 1000000)),
                name="shopsettings_counter_refund_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("counter_refund_day__gte", 0), ("counter_refund_day__lte", 1000000)),
                name="shopsettings_counter_refund_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("counter_cancel_paid__gte", 0), ("counter_cancel_paid__lte", 1000000)),
                name="shopsettings_counter_cancel_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("manager_discount_percent__gte", 0), ("manager_discount_percent__lte", 100)),
                name="shopsettings_manager_discount_percent",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("manager_refund_each__gte", 0), ("manager_refund_each__lte", 1000000)),
                name="shopsettings_manager_refund_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("manager_refund_day__gte", 0), ("manager_refund_day__lte", 1000000)),
                name="shopsettings_manager_refund_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("manager_cancel_paid__gte", 0), ("manager_cancel_paid__lte", 1000000)),
                name="shopsettings_manager_cancel_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="shopsettings",
            constraint=models.CheckConstraint(
                condition=models.Q(("manager_price_percent__gte", 0), ("manager_price_percent__lte", 1000)),
                name="shopsettings_manager_price_percent",
            ),
        ),
    ]
