"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint
from counter.errors import LabelTaken


class CounterConfig(AppConfig):
    """The counter app."""

    name = "counter"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Counter")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="parkedsale_label_once", refusal=LabelTaken)
        for name in (
            "parkedstep_version",
            "counter_awaitedpix_key_key",
            "awaitedpix_once_of_order",
            "receipt_once",
            "counter_pinned_variant_id_key",
        ):
            refusal_for_constraint(name=name, refusal=Busy, again=True)
