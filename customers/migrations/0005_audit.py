"""The shop's records of people: every change is written down, and nothing of what they are called."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_writing"), ("customers", "0004_erase")]

    operations = [
        audited(
            table="customers_customerrecord",
            told=["account_id", "block_id", "merged_into_id", "anonymised_at", "created_at", "public_id"],
            unsaid=["name", "phone", "email", "document", "birthday", "tags", "notes"],
        ),
    ]
