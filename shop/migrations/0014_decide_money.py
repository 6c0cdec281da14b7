"""Who decides about the shop's money: a permission of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    """Adds the permission."""

    dependencies = [
        ("shop", "0013_scale"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="shopsettings",
            options={
                "permissions": [
                    ("decide_money", "Can change the bank details, the legal identity and what roles may do")
                ],
                "verbose_name": "shop settings",
                "verbose_name_plural": "shop settings",
            },
        ),
    ]
