"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy, IdempotencyInProgress
from common.transactions import refusal_for_constraint


class CommonConfig(AppConfig):
    """The kernel every app stands on."""

    name = "common"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("System")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="idempotencyrecord_once", refusal=IdempotencyInProgress, again=True)
        refusal_for_constraint(name="common_heartbeat_name_key", refusal=Busy, again=True)
        refusal_for_constraint(name="common_milestone_name_key", refusal=Busy, again=True)
