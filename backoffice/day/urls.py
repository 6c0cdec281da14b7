"""The addresses of the days, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.day import views

app_name = "day"

urlpatterns = [
    path("", admin.site.admin_view(views.day_page), name="page"),
    path("print/", admin.site.admin_view(views.printed), name="print"),
    path("csv/", admin.site.admin_view(views.table), name="csv"),
    path("close/", admin.site.admin_view(views.close), name="close"),
    path("correct/", admin.site.admin_view(views.correct), name="correct"),
]
