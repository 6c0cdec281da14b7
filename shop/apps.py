"""Registers the shop's own profile with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint
from shop.errors import HoursClash


class ShopConfig(AppConfig):
    """The shop: its profile, policy, opening hours and holidays."""

    name = "shop"
    verbose_name = _("shop")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="openinghours_no_overlap", refusal=HoursClash)
        refusal_for_constraint(name="holiday_date_once", refusal=Busy)
