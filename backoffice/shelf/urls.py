"""The shelf's addresses, all below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.shelf import counting, views

app_name = "shelf"

urlpatterns = [
    path("receber/", admin.site.admin_view(views.receive_page), name="page"),
    path("receber/enviar/", views.ReceiveView.as_view(), name="receive"),
    path("contagem/", admin.site.admin_view(counting.counts_page), name="counts"),
    path("contagem/<uuid:count>/", admin.site.admin_view(counting.count_page), name="count"),
    path("contagem/<uuid:count>/linha/", counting.LineView.as_view(), name="count-line"),
    path("contagem/<uuid:count>/diferencas/", admin.site.admin_view(counting.differences_page), name="differences"),
    path("contagem/<uuid:count>/<slug:verb>/", admin.site.admin_view(counting.lead), name="count-lead"),
    path("procurar/", views.FindView.as_view(), name="find"),
]
