"""The desk's pages of time: what can be booked and by whom, and the visits themselves."""

from scheduling.admin.appointments import AppointmentAdmin
from scheduling.admin.setup import ProfessionalAdmin, RoomAdmin, ServiceAdmin

__all__ = ["AppointmentAdmin", "ProfessionalAdmin", "RoomAdmin", "ServiceAdmin"]
