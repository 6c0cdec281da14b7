"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cart.errors import CartClosed
from common.errors import Busy
from common.transactions import refusal_for_constraint
from shop.pickups import counted_by


class OrdersConfig(AppConfig):
    """The orders app."""

    name = "orders"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Sales")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at, and who counts the pickups promised."""
        from orders.selectors import promised_pickups  # noqa: PLC0415 - models need the apps

        counted_by(promised_pickups)
        refusal_for_constraint(name="orders_order_cart_id_key", refusal=CartClosed, again=True)
        refusal_for_constraint(name="orders_orderline_claim_key", refusal=CartClosed, again=True)
        for name in ("orders_order_number_key", "orderevent_seq", "orders_orderlinecancellation_line_id_key"):
            refusal_for_constraint(name=name, refusal=Busy, again=True)
