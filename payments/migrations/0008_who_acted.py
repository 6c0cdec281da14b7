"""Who acted is described in one place; the columns stay as they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0007_fewer_indexes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="payment",
            name="actor_id",
            field=models.CharField(
                blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
            ),
        ),
        migrations.AlterField(
            model_name="payment",
            name="actor_kind",
            field=models.CharField(
                help_text="Who acted: customer, staff, system...", max_length=10, verbose_name="actor kind"
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="actor_id",
            field=models.CharField(
                blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
            ),
        ),
        migrations.AlterField(
            model_name="refund",
            name="actor_kind",
            field=models.CharField(
                help_text="Who acted: customer, staff, system...", max_length=10, verbose_name="actor kind"
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="actor_id",
            field=models.CharField(
                blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
            ),
        ),
        migrations.AlterField(
            model_name="statementline",
            name="actor_kind",
            field=models.CharField(
                help_text="Who acted: customer, staff, system...", max_length=10, verbose_name="actor kind"
            ),
        ),
    ]
