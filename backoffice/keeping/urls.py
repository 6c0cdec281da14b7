"""The page's addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.keeping import views

app_name = "keeping"

urlpatterns = [
    path("", admin.site.admin_view(views.kept_page), name="page"),
    path("release/", admin.site.admin_view(views.release), name="release"),
]
