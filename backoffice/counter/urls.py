"""The counter's addresses, all below the desk's own and in the desk's language."""

from django.contrib import admin
from django.urls import path

from backoffice.counter import views

app_name = "counter"

urlpatterns = [
    path("", admin.site.admin_view(views.counter_page), name="page"),
    path("procurar/", views.FindView.as_view(), name="find"),
    path("hoje/", views.TodayView.as_view(), name="today"),
    path("clientes/", views.CustomersView.as_view(), name="customers"),
    path("preco/", views.PriceView.as_view(), name="price"),
    path("pix/", views.PixView.as_view(), name="pix"),
    path("comandas/", views.ParkedView.as_view(), name="parked"),
    path("comandas/<uuid:public_id>/", views.OneParkedView.as_view(), name="one-parked"),
    path("vender/", views.SellView.as_view(), name="sell"),
    path("telefone/", views.PhoneView.as_view(), name="phone"),
    path("vendas/", views.SalesView.as_view(), name="sales"),
    path("<str:number>/desfazer/", views.UndoView.as_view(), name="undo"),
    path("<str:number>/recibo.pdf", views.ReceiptView.as_view(), name="receipt"),
]
