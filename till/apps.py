"""What Django needs to know about this app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.errors import Busy
from common.transactions import refusal_for_constraint
from till.errors import NameTaken, SessionOpen


class TillConfig(AppConfig):
    """The till app."""

    name = "till"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Drawer")

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        refusal_for_constraint(name="tillsession_one_open", refusal=SessionOpen, again=True)
        refusal_for_constraint(name="till_till_name_key", refusal=NameTaken, again=True)
        for name in ("till_tillclose_session_id_key", "till_tillclose_count_id_key", "till_dayclose_day_key"):
            refusal_for_constraint(name=name, refusal=Busy, again=True)
