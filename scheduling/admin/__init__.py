"""The desk's pages of time: what can be booked and by whom, and the visits themselves."""

from scheduling.admin.appointments import AppointmentAdmin
from scheduling.admin.combinations import CombinationAdmin
from scheduling.admin.services import ServiceAdmin
from scheduling.admin.setup import ProfessionalAdmin, RoomAdmin

__all__ = ["AppointmentAdmin", "CombinationAdmin", "ProfessionalAdmin", "RoomAdmin", "ServiceAdmin"]
