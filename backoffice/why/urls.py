"""The pages' addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.why import stock, total, views

app_name = "why"

urlpatterns = [
    path("", admin.site.admin_view(views.day_page), name="day"),
    path("stock/", admin.site.admin_view(stock.look_page), name="look"),
    path("total/<str:number>/", admin.site.admin_view(total.total_page), name="total"),
    path("stock/<int:pk>/", admin.site.admin_view(stock.stock_page), name="stock"),
]
