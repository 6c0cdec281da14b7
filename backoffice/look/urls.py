"""The pages' addresses: some below the desk's own, and the preview, which is a page of the window."""

from django.contrib import admin
from django.urls import path

from backoffice.look import views

app_name = "look"

urlpatterns = [
    path("admin/vitrine/", admin.site.admin_view(views.page), name="page"),
    path("admin/vitrine/links/", admin.site.admin_view(views.links), name="links"),
    path("admin/vitrine/cartaz-<slug:size>.pdf", admin.site.admin_view(views.print_poster), name="poster"),
    path("previa/", admin.site.admin_view(views.preview), name="preview"),
]
