"""Routes of time, below /api/v1/."""

from django.urls import path

from scheduling.views import agenda, calendars, visits

urlpatterns = [
    path("services/", agenda.ServicesView.as_view(), name="services"),
    path("professionals/", agenda.ProfessionalsView.as_view(), name="professionals"),
    path("professionals/<uuid:public_id>/calendar.ics", calendars.FeedView.as_view(), name="professional-calendar"),
    path("slots/", agenda.SlotsView.as_view(), name="slots"),
    path("slots/next/", agenda.NextSlotView.as_view(), name="next-slot"),
    path("appointments/", visits.AppointmentsView.as_view(), name="appointments"),
    path("appointments/<uuid:public_id>/", visits.AppointmentView.as_view(), name="appointment"),
    path("appointments/<uuid:public_id>/cancel/", visits.CancelView.as_view(), name="appointment-cancel"),
    path("appointments/<uuid:public_id>/reschedule/", visits.RescheduleView.as_view(), name="appointment-reschedule"),
    path(
        "appointments/<uuid:public_id>/calendar.ics",
        calendars.AppointmentCalendarView.as_view(),
        name="appointment-calendar",
    ),
]
