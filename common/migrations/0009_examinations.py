from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0008_backup_copies"),
    ]

    operations = [
        migrations.CreateModel(
            name="Examination",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "night",
                    models.DateField(
                        blank=True,
                        help_text="The night's day in the shop's zone; none by hand.",
                        null=True,
                        unique=True,
                        verbose_name="night",
                    ),
                ),
                (
                    "began_at",
                    models.DateTimeField(help_text="The moment whose state was looked at.", verbose_name="began at"),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When everything had been looked at.",
                        null=True,
                        verbose_name="ended at",
                    ),
                ),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="How often it was begun.", verbose_name="tries"
                    ),
                ),
                (
                    "checks",
                    models.PositiveIntegerField(
                        default=0, help_text="How many promises were looked at.", verbose_name="checks"
                    ),
                ),
                (
                    "broken",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="The promises that do not hold, by check; no rows of theirs.",
                        verbose_name="broken",
                    ),
                ),
            ],
            options={
                "verbose_name": "examination",
                "verbose_name_plural": "examinations",
                "indexes": [models.Index(fields=["-ended_at"], name="examination_ended")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at__isnull", True), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="examination_ends_after_begin",
                    )
                ],
            },
        ),
    ]
