"""Registers the shop's own profile with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """The shop: its profile, policy, opening hours and holidays."""

    name = "shop"
    verbose_name = _("shop")
    default_auto_field = "django.db.models.BigAutoField"
