"""The addresses of the figures, below the desk's own."""

from django.contrib import admin
from django.urls import path

from reports import views

app_name = "reports"

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="page"),
    *(
        path(f"export.{form}", admin.site.admin_view(views.export), {"form": form}, name=form)
        for form in ("csv", "xlsx")
    ),
    path("lately/", admin.site.admin_view(views.lately), name="lately"),
    path("rows/", admin.site.admin_view(views.rows), name="rows"),
]
