"""The pages' addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.hours import views

app_name = "hours"

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="page"),
    path("shop/", admin.site.admin_view(views.shop_week), name="shop"),
    path("<uuid:person>/", admin.site.admin_view(views.week), name="week"),
]
