"""Several entries are called changes: a list counts them so."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing")]

    operations = [
        migrations.AlterModelOptions(
            name="entry",
            options={"ordering": ["pk"], "verbose_name": "change of a row", "verbose_name_plural": "changes"},
        ),
    ]
