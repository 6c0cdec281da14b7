"""The addresses of the starter sets, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.starters import views

app_name = "starters"

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="page"),
    path("<slug:key>/", admin.site.admin_view(views.act), name="act"),
]
