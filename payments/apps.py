"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint
from payments.errors import RefundExceedsPaid


class PaymentsConfig(AppConfig):
    """The payments app."""

    name = "payments"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Money")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="order_refunded_within_paid", refusal=RefundExceedsPaid, again=True)
        for name in (
            "payment_one_pending_per_method",
            "payment_gateway_reference_once",
            "payments_refund_cause_key",
            "payments_tip_of_id_key",
            "payments_statementline_reference_key",
        ):
            refusal_for_constraint(name=name, refusal=Busy, again=True)
