"""The pages' addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from spreadsheets import views

app_name = "spreadsheets"

urlpatterns = [
    path("", admin.site.admin_view(views.page), name="page"),
    path("bring/<slug:kind>/", admin.site.admin_view(views.bring), name="bring"),
    path("template/<slug:kind>.<slug:form>", admin.site.admin_view(views.template), name="template"),
    path("export/<slug:name>.csv", admin.site.admin_view(views.export), name="export"),
    path("<uuid:public_id>/", admin.site.admin_view(views.look), name="look"),
    path("<uuid:public_id>/take/", admin.site.admin_view(views.take), name="take"),
    path("<uuid:public_id>/again/", admin.site.admin_view(views.again), name="again"),
    path("<uuid:public_id>/discard/", admin.site.admin_view(views.discard), name="discard"),
]
