"""Who erases customers: a permission of its own."""

from django.db import migrations


class Migration(migrations.Migration):
    """Adds the permission."""

    dependencies = [("customers", "0003_apart")]

    operations = [
        migrations.AlterModelOptions(
            name="customerrecord",
            options={
                "permissions": [
                    ("merge_customerrecord", "Can merge customers"),
                    ("block_customerrecord", "Can block customers"),
                    ("erase_customerrecord", "Can erase what is known of customers"),
                ],
                "verbose_name": "customer",
                "verbose_name_plural": "customers",
            },
        ),
    ]
