"""Lets several customers say the same CPF or CNPJ of themselves; those who look one up still find it by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Takes the constraint away and adds the index."""

    dependencies = [
        ("accounts", "0006_mailboxes_of_all"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="customer",
            name="customer_document_once",
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("document", ""), _negated=True), fields=["document"], name="customer_document"
            ),
        ),
    ]
