"""Logins, what each may do, and accounts: every change is written down; of whom it is, only that it changed."""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_writing"),
        ("accounts", "0010_fewer_indexes"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        audited(
            table="accounts_user",
            told=["is_active", "is_staff", "is_superuser", "email_verified_at", "joined_at", "public_id"],
            unsaid=["email", "name", "password", "session_stamp"],
            inserts=True,
        ),
        audited(
            table="accounts_user_groups",
            told=["user_id", "group_id"],
            part_of=("accounts_user", "user_id"),
            inserts=True,
        ),
        audited(
            table="accounts_user_user_permissions",
            told=["user_id", "permission_id"],
            part_of=("accounts_user", "user_id"),
            inserts=True,
        ),
        audited(
            table="auth_group",
            told=["name"],
            inserts=True,
        ),
        audited(
            table="auth_group_permissions",
            told=["group_id", "permission_id"],
            part_of=("auth_group", "group_id"),
            inserts=True,
        ),
        audited(
            table="accounts_customer",
            told=["user_id", "is_active", "anonymised_at", "created_at", "public_id"],
            unsaid=["name", "email", "phone", "document"],
            inserts=True,
        ),
        audited(
            table="accounts_address",
            told=["customer_id", "is_default", "created_at", "public_id"],
            unsaid=["label", "postal_code", "street", "number", "complement", "district", "city", "state"],
            part_of=("accounts_customer", "customer_id"),
            inserts=True,
        ),
        audited(
            table="accounts_block",
            told=["actor_kind", "actor_id", "created_at"],
            unsaid=["email", "phone", "document", "reason"],
        ),
    ]
