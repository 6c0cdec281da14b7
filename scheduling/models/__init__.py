"""Time that can be sold: services, the people who perform them, their hours, and the appointments in them.

The exclusion constraints on `Appointment` are what makes a double booking impossible; everything else is manners.
A hold or request past `expires_at` still stands in an occupying state until a writer or the sweep writes it
down as expired, so what is free is read through the selectors, never from the table alone.
"""

from scheduling.models.appointments import (
    CONSTRAINTS_OF_TIME,
    Appointment,
    AppointmentEvent,
    AppointmentNotice,
    AppointmentService,
)
from scheduling.models.hours import AvailabilityRule, DateOverride, TimeOff
from scheduling.models.people import Professional, ProfessionalService, Room
from scheduling.models.services import MAX_SERVICES, Combination, Service

__all__ = [
    "CONSTRAINTS_OF_TIME",
    "MAX_SERVICES",
    "Appointment",
    "AppointmentEvent",
    "AppointmentNotice",
    "AppointmentService",
    "AvailabilityRule",
    "Combination",
    "DateOverride",
    "Professional",
    "ProfessionalService",
    "Room",
    "Service",
    "TimeOff",
]
