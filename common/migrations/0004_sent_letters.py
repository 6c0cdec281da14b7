"""Which letters were sent or held back in the last month; nobody's address stands there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Makes the table."""

    dependencies = [
        ("common", "0003_milestones"),
    ]

    operations = [
        migrations.CreateModel(
            name="SentLetter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "identity",
                    models.UUIDField(
                        help_text="The same whenever the same letter is sent again.",
                        unique=True,
                        verbose_name="identity",
                    ),
                ),
                (
                    "mailbox",
                    models.CharField(
                        help_text="Names the mailbox without telling it.", max_length=32, verbose_name="mailbox"
                    ),
                ),
                (
                    "client",
                    models.CharField(
                        blank=True,
                        help_text="Names the connection that caused it without telling it.",
                        max_length=32,
                        verbose_name="connection",
                    ),
                ),
                (
                    "subject",
                    models.CharField(help_text="What the letter was about.", max_length=200, verbose_name="subject"),
                ),
                (
                    "held_back",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("mailbox", "too many to one address in a day"),
                            ("unknown", "too many to an address that never confirmed"),
                            ("client", "too many caused from one connection in a day"),
                        ],
                        help_text="Why it was not sent.",
                        max_length=10,
                        verbose_name="held back",
                    ),
                ),
                ("at", models.DateTimeField(help_text="When it was sent, or was to be.", verbose_name="at")),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
                "indexes": [
                    models.Index(fields=["mailbox", "at"], name="sentletter_mailbox"),
                    models.Index(
                        condition=models.Q(("client", ""), _negated=True),
                        fields=["client", "at"],
                        name="sentletter_client",
                    ),
                    models.Index(fields=["at"], name="sentletter_at"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("held_back__in", ["", "mailbox", "unknown", "client"])),
                        name="sentletter_held_back_known",
                    )
                ],
            },
        ),
    ]
