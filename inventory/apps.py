"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint
from inventory.errors import OutOfStock


class InventoryConfig(AppConfig):
    """The inventory app."""

    name = "inventory"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Stock")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="stockitem_reserved_within_on_hand", refusal=OutOfStock, again=True)
        refusal_for_constraint(name="stockmovement_once_per_cause", refusal=Busy, again=True)
        refusal_for_constraint(name="countedline_once", refusal=Busy, again=True)
        refusal_for_constraint(name="countstep_version", refusal=Busy, again=True)
