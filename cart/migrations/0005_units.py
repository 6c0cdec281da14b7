"""Carts hold grams and millilitres too, of which there are many."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cart", "0004_releasing"),
        ("catalog", "0005_units"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="cartline",
            name="cartline_quantity_bounds",
        ),
        migrations.AlterField(
            model_name="cartline",
            name="quantity",
            field=models.PositiveIntegerField(help_text="How many units; a visit is one.", verbose_name="quantity"),
        ),
        migrations.AddConstraint(
            model_name="cartline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1), ("quantity__lte", 100000)), name="cartline_quantity_bounds"
            ),
        ),
    ]
