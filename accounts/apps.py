"""Registers the people of the shop with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.errors import EmailTaken, TokenReused
from common.errors import Busy
from common.transactions import refusal_for_constraint


class AccountsConfig(AppConfig):
    """People: logins, customers and their addresses."""

    name = "accounts"
    verbose_name = _("people")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        for name, refusal in (
            ("user_verified_email_once", EmailTaken),
            ("customer_email_once_without_login", EmailTaken),
            ("accounts_customer_user_id_key", Busy),
            ("accounts_refreshtoken_parent_id_key", TokenReused),
            ("address_one_default", Busy),
            ("accounts_signinattempt_opens_id_key", Busy),
        ):
            refusal_for_constraint(name=name, refusal=refusal, again=True)
