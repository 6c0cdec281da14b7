"""Registers time with Django, and what its constraints mean to a customer."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from common.transactions import refusal_for_constraint
from scheduling.errors import SlotTaken


class SchedulingConfig(AppConfig):
    """Services, professionals, their time and the appointments in it."""

    name = "scheduling"
    verbose_name = _("schedule")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say that a constraint of time that had to judge means the time is taken."""
        for constraint in ("appointment_professional_time", "appointment_lane_time", "appointment_room_time"):
            refusal_for_constraint(name=constraint, refusal=SlotTaken)
