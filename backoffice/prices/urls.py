"""The addresses of many prices, all below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.prices import views

app_name = "prices"

urlpatterns = [
    path("", admin.site.admin_view(views.prices_page), name="page"),
    path("<uuid:run>/", admin.site.admin_view(views.run_page), name="run"),
    path("<uuid:run>/desfazer/", admin.site.admin_view(views.undo), name="undo"),
]
