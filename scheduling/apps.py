"""Registers time with Django, and what its constraints mean to a customer."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from catalog.errors import NotForSale
from common.errors import Busy
from common.transactions import refusal_for_constraint
from scheduling.errors import SlotTaken


class SchedulingConfig(AppConfig):
    """Services, professionals, their time and the appointments in it."""

    name = "scheduling"
    verbose_name = _("schedule")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the constraints mean that two writers can meet at."""
        for name in ("appointment_professional_time", "appointment_lane_time", "appointment_room_time"):
            refusal_for_constraint(name=name, refusal=SlotTaken)
        refusal_for_constraint(name="appointment_total_bounds", refusal=NotForSale)
        refusal_for_constraint(name="appointmentevent_seq", refusal=Busy, again=True)
        for name in (  # two people at the desk; saved again, the form says which field it is
            "combination_once",
            "dateoverride_once",
            "professionalservice_once",
            "scheduling_professional_user_id_key",
            "scheduling_room_name_key",
            "scheduling_service_variant_id_key",
        ):
            refusal_for_constraint(name=name, refusal=Busy)
