"""Registers the people of the shop with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """People: logins, customers and their addresses."""

    name = "accounts"
    verbose_name = _("people")
    default_auto_field = "django.db.models.BigAutoField"
