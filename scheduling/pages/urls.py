"""Routes of the pages of a visit."""

from django.urls import path

from scheduling.pages import clicks, views

urlpatterns = [
    path("appointments/<uuid:public_id>/", views.VisitPage.as_view(), name="appointment-page"),
    path("appointments/<uuid:public_id>/cancel/", views.CancelVisitPage.as_view(), name="appointment-page-cancel"),
    path("appointments/<uuid:public_id>/confirm/", clicks.ConfirmVisitPage.as_view(), name="appointment-page-confirm"),
    path("appointments/<uuid:public_id>/move/", views.MoveVisitPage.as_view(), name="appointment-page-move"),
]
