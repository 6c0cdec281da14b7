"""Movements are written once."""

from django.db import migrations

from common.append_only import append_only


class Migration(migrations.Migration):
    """Puts the triggers in place."""

    dependencies = [("inventory", "0001_initial")]

    operations = [append_only(table="inventory_stockmovement")]
