"""The agenda's addresses, all below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.agenda import views

app_name = "agenda"

urlpatterns = [
    path("", admin.site.admin_view(views.agenda_page), name="page"),
    path("week/", views.WeekView.as_view(), name="week"),
    path("times/", views.TimesView.as_view(), name="times"),
    path("customers/", views.CustomersView.as_view(), name="customers"),
    path("visits/", views.VisitsView.as_view(), name="visits"),
    path("visits/<uuid:public_id>/", views.VisitView.as_view(), name="visit"),
    path("visits/<uuid:public_id>/move/", views.MoveView.as_view(), name="move"),
    path("visits/<uuid:public_id>/swap/", views.SwapView.as_view(), name="swap"),
    path("visits/<uuid:public_id>/cancel/", views.CancelView.as_view(), name="cancel"),
    path("visits/<uuid:public_id>/accept/", views.AcceptView.as_view(), name="accept"),
    path("visits/<uuid:public_id>/complete/", views.CompleteView.as_view(), name="complete"),
    path("visits/<uuid:public_id>/charge/", views.ChargeView.as_view(), name="charge"),
    path("visits/<uuid:public_id>/no-show/", views.NoShowView.as_view(), name="no-show"),
    path("visits/<uuid:public_id>/reopen/", views.ReopenView.as_view(), name="reopen"),
    path("time-off/", views.TimeOffsView.as_view(), name="time-off"),
    path("time-off/<int:pk>/remove/", views.UnblockView.as_view(), name="unblock"),
]
