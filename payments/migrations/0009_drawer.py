"""Money of the counter names the drawer it went through; what came before has none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0014_late_fee"),
        ("payments", "0008_who_acted"),
        ("till", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="payment",
            name="session",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The drawer it came into; empty for what did not come over the counter.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="till.tillsession",
                verbose_name="session of a drawer",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="session",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="The drawer it was given back from.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="till.tillsession",
                verbose_name="session of a drawer",
            ),
        ),
        migrations.AddField(
            model_name="refund",
            name="tender",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                choices=[("cash", "Cash"), ("card", "Card"), ("pix", "Pix")],
                help_text="What was handed back at the counter; empty for what did not go over it.",
                max_length=4,
                verbose_name="given back as",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("session__isnull", False)), fields=["session"], name="payment_session"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("session__isnull", False)), fields=["session"], name="refund_session"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("session__isnull", True),
                    models.Q(("gateway", "counter"), ("status", "succeeded")),
                    _connector="OR",
                ),
                name="payment_session_of_counter",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("session__isnull", True), ("tender", "")),
                    models.Q(
                        ("session__isnull", False), ("status", "succeeded"), ("tender__in", ["cash", "card", "pix"])
                    ),
                    _connector="OR",
                ),
                name="refund_tender_has_session",
            ),
        ),
    ]
