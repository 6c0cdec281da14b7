"""Routes of time, below /api/v1/."""

from django.urls import path

from scheduling import views

urlpatterns = [
    path("services/", views.ServicesView.as_view(), name="services"),
    path("professionals/", views.ProfessionalsView.as_view(), name="professionals"),
    path("professionals/<uuid:public_id>/calendar.ics", views.FeedView.as_view(), name="professional-calendar"),
    path("slots/", views.SlotsView.as_view(), name="slots"),
    path("slots/next/", views.NextSlotView.as_view(), name="next-slot"),
    path("appointments/", views.AppointmentsView.as_view(), name="appointments"),
    path("appointments/<uuid:public_id>/", views.AppointmentView.as_view(), name="appointment"),
    path("appointments/<uuid:public_id>/cancel/", views.CancelView.as_view(), name="appointment-cancel"),
    path("appointments/<uuid:public_id>/reschedule/", views.RescheduleView.as_view(), name="appointment-reschedule"),
    path(
        "appointments/<uuid:public_id>/calendar.ics",
        views.AppointmentCalendarView.as_view(),
        name="appointment-calendar",
    ),
]
