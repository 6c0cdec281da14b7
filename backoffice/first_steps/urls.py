"""The addresses of the first steps, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.first_steps import views

app_name = "first_steps"

STEPS = {
    "shop": views.ShopStep,
    "hours": views.HoursStep,
    "product": views.ProductStep,
    "service": views.ServiceStep,
    "payment": views.PaymentStep,
    "share": views.ShareStep,
}

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="page"),
    path("put-away/", admin.site.admin_view(views.put_away), name="put_away"),
    *(path(f"{key}/", admin.site.admin_view(step.as_view()), name=key) for key, step in STEPS.items()),
]
