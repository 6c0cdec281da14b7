"""Second steps and rights: every change is written down; of sign-ins that wait for one, those past the shop.

A factor that is planted, a password said to have been right, a right that comes to mean another: each is power.
"""

from django.db import migrations

from audit.triggers import audited


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_audit"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("otp_totp", "0003_add_timestamps"),
        ("django_otp_webauthn", "0004_webauthnuserhandle"),
    ]

    operations = [
        audited(
            table="otp_totp_totpdevice",
            told=["user_id", "confirmed", "tolerance"],
            unsaid=["key"],
            part_of=("accounts_user", "user_id"),
            inserts=True,
        ),
        audited(
            table="django_otp_webauthn_webauthncredential",
            told=["user_id", "confirmed"],
            unsaid=["credential_id", "public_key"],
            part_of=("accounts_user", "user_id"),
            inserts=True,
        ),
        audited(
            table="accounts_recoverycode",
            told=["user_id", "created_at", "used_at"],
            unsaid=["digest"],
            part_of=("accounts_user", "user_id"),
            inserts=True,
        ),
        audited(
            table="accounts_signinchallenge",
            told=["user_id", "tries", "created_at", "expires_at", "used_at"],
            unsaid=["digest", "stamp", "passkey"],
            part_of=("accounts_user", "user_id"),
            only_by_hand=True,
        ),
        audited(
            table="auth_permission",
            told=["name", "content_type_id", "codename"],
        ),
        audited(
            table="django_content_type",
            told=["app_label", "model"],
        ),
    ]
