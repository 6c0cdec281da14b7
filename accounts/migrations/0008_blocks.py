"""Whom the shop has blocked, with an account or without."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [
        ("accounts", "0007_documents_shut_nobody_out"),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="However it is spelled: tags, and dots that its provider ignores.",
                        max_length=254,
                        verbose_name="e-mail",
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True, help_text="With area code, as (11) 98765-4321.", max_length=16, verbose_name="phone"
                    ),
                ),
                (
                    "document",
                    models.CharField(
                        blank=True, help_text="Marks are optional.", max_length=14, verbose_name="CPF or CNPJ"
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why, for the team alone.", max_length=200, verbose_name="reason"
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(help_text="Who acted: staff, system...", max_length=10, verbose_name="actor kind"),
                ),
                (
                    "actor_id",
                    models.CharField(
                        blank=True, help_text="Which person or process acted.", max_length=64, verbose_name="actor"
                    ),
                ),
                ("created_at", models.DateTimeField(help_text="When it was written down.", verbose_name="since")),
                (
                    "mailbox",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("email"),
                            output_field=models.TextField(),
                            template="CASE WHEN split_part(lower(%(expressions)s), '@', 2) IN ('gmail.com', 'googlemail.com') THEN replace(split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1), '.', '') || '@gmail.com' WHEN split_part(lower(%(expressions)s), '@', 2) = '' THEN '' ELSE split_part(split_part(lower(%(expressions)s), '@', 1), '+', 1) || '@' || split_part(lower(%(expressions)s), '@', 2) END",
                        ),
                        output_field=models.TextField(db_collation="C"),
                        verbose_name="mailbox",
                    ),
                ),
            ],
            options={
                "verbose_name": "blocked person",
                "verbose_name_plural": "blocked people",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["mailbox"], name="block_mailbox"),
                    models.Index(
                        condition=models.Q(("phone", ""), _negated=True), fields=["phone"], name="block_phone"
                    ),
                    models.Index(
                        condition=models.Q(("document", ""), _negated=True), fields=["document"], name="block_document"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("email", ""), _negated=True),
                            models.Q(("phone", ""), _negated=True),
                            models.Q(("document", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="block_names_somebody",
                    ),
                    models.UniqueConstraint(fields=("email", "phone", "document"), name="block_once"),
                ],
            },
        ),
    ]
