"""Who of the team may free what carts keep."""

from django.db import migrations


class Migration(migrations.Migration):
    """Adds the permission."""

    dependencies = [
        ("cart", "0003_kept_units"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cart",
            options={
                "permissions": [("release_cart", "Can free what carts keep")],
                "verbose_name": "cart",
                "verbose_name_plural": "carts",
            },
        ),
    ]
