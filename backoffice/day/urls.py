"""The addresses of the days, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.day import ending, views

app_name = "day"

urlpatterns = [
    path("", admin.site.admin_view(views.day_page), name="page"),
    path("print/", admin.site.admin_view(views.printed), name="print"),
    path("csv/", admin.site.admin_view(views.table), name="csv"),
    path("close/", admin.site.admin_view(views.close), name="close"),
    path("end/", admin.site.admin_view(ending.end), name="end"),
    path("end/<uuid:session>/count/", admin.site.admin_view(ending.count), name="count"),
    path("end/<uuid:session>/sign/", admin.site.admin_view(ending.sign), name="sign"),
    path("correct/", admin.site.admin_view(views.correct), name="correct"),
]
