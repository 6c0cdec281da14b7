"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from commissions.errors import StatementChanged
from common.errors import Busy
from common.transactions import refusal_for_constraint


class CommissionsConfig(AppConfig):
    """The commissions app."""

    name = "commissions"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Commissions")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        for name in ("commissionentry_next", "commissionentry_cause_once"):
            refusal_for_constraint(name=name, refusal=Busy, again=True)
        for name in ("commissionpayoutline_entry_once", "commissionpayouttip_tip_once"):
            refusal_for_constraint(name=name, refusal=lambda: StatementChanged(payable="0.00"))
