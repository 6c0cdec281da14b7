"""Routes of the provider: its API for shops, its pages for people."""

from django.urls import path

from sandbox import api, pages

urlpatterns = [
    path("v1/payments", api.payments),
    path("v1/payments/<str:payment_id>", api.payment),
    path("v1/payments/<str:payment_id>/refunds", api.refunds),
    path("v1/events", api.events),
    path("v1/account", api.account),
    path("v1/faults", api.choose_fault),
    path("", pages.index, name="index"),
    path("faults/", pages.choose_fault, name="faults"),
    path("scan/", pages.scan, name="scan"),
    path("pay/<str:payment_id>/", pages.pay, name="pay"),
    path("events/<str:event_id>/again/", pages.again, name="again"),
]
