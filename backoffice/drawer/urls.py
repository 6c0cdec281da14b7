"""The drawer's addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.drawer import views

app_name = "drawer"

urlpatterns = [
    path("", admin.site.admin_view(views.drawer_page), name="page"),
    path("open/", admin.site.admin_view(views.open_drawer), name="open"),
    path("tills/", admin.site.admin_view(views.tills), name="tills"),
    path("<uuid:session>/move/", admin.site.admin_view(views.move_cash), name="move"),
    path("<uuid:session>/count/", admin.site.admin_view(views.count), name="count"),
    path("<uuid:session>/close/", admin.site.admin_view(views.close), name="close"),
]
