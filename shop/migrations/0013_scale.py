"""What the labels of the shop's scale hold."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Adds the layout and what it holds."""

    dependencies = [("shop", "0012_parked_sales")]

    operations = [
        migrations.AddField(
            "shopsettings",
            "scale_layout",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The 13 digits that it prints, as 2CCCCC0VVVVVD: C the product's code (its SKU), V the price or the "
                "weight, D the check digit. Empty: no scale.",
                max_length=13,
                verbose_name="label of the scale",
            ),
        ),
        migrations.AddField(
            "shopsettings",
            "scale_value",
            models.CharField(
                choices=[("price", "The price"), ("weight", "The weight")],
                db_default="price",
                default="price",
                help_text="What V stands for: the price in cents, or the weight in grams.",
                max_length=6,
                verbose_name="the label holds",
            ),
        ),
        migrations.AddConstraint(
            "shopsettings",
            models.CheckConstraint(
                condition=Q(("scale_value__in", ("price", "weight"))), name="shopsettings_scale_value_known"
            ),
        ),
        migrations.AddConstraint(
            "shopsettings",
            models.CheckConstraint(
                condition=Q(
                    ("scale_layout", ""), ("scale_layout__regex", "^2[0-9]*C{3,6}[0-9]*V{4,6}D$"), _connector="OR"
                ),
                name="shopsettings_scale_layout_form",
            ),
        ),
    ]
