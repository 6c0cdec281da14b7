"""For how long somebody has kept units, over all their carts, and whence carts are opened."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table and the column."""

    dependencies = [
        ("accounts", "0006_mailboxes_of_all"),
        ("cart", "0002_held_since"),
        ("catalog", "0003_search_and_sort_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptUnits",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "keeper",
                    models.CharField(
                        help_text="A cart, a mailbox, a customer or an internet address, by name.",
                        max_length=320,
                        verbose_name="keeper",
                    ),
                ),
                (
                    "spent",
                    models.DurationField(
                        help_text="For how long units of it had been kept when it was counted.", verbose_name="spent"
                    ),
                ),
                (
                    "counted_at",
                    models.DateTimeField(
                        help_text="When that was; they have been kept since.", verbose_name="counted at"
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(
                        help_text="When the last of them come free by themselves.", verbose_name="until"
                    ),
                ),
            ],
            options={
                "verbose_name": "kept units",
                "verbose_name_plural": "kept units",
            },
        ),
        migrations.AddField(
            model_name="cart",
            name="address",
            field=models.CharField(
                blank=True,
                help_text="Where it was opened from; of IPv6 the network.",
                max_length=45,
                verbose_name="internet address",
            ),
        ),
        migrations.AddIndex(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("address", ""), _negated=True), fields=["address", "status"], name="cart_address"
            ),
        ),
        migrations.AddField(
            model_name="keptunits",
            name="variant",
            field=models.ForeignKey(
                help_text="What is kept.",
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="catalog.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddIndex(
            model_name="keptunits",
            index=models.Index(fields=["until"], name="keptunits_until"),
        ),
        migrations.AddConstraint(
            model_name="keptunits",
            constraint=models.UniqueConstraint(fields=("keeper", "variant"), name="keptunits_once"),
        ),
    ]
