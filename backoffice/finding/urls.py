"""The page's address, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.finding import views

app_name = "finding"

urlpatterns = [path("", admin.site.admin_view(views.find_page), name="page")]
