"""Routes of the pay page."""

from django.urls import path

from payments.pages import views

urlpatterns = [
    path("orders/<str:number>/pay/", views.PayPage.as_view(), name="pay-page"),
    path("orders/<str:number>/pay/state/", views.PayStatePage.as_view(), name="pay-page-state"),
]
