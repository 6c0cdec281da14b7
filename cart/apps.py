"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cart.errors import QuantityLimit
from common.errors import Busy
from common.transactions import refusal_for_constraint


class CartConfig(AppConfig):
    """The cart app."""

    name = "cart"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Sales")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="cartline_one_per_sku", refusal=Busy, again=True)
        refusal_for_constraint(name="cartline_quantity_bounds", refusal=QuantityLimit, again=True)
