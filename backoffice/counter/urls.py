"""The counter's addresses, all below the desk's own and in the desk's language."""

from django.contrib import admin
from django.urls import path

from backoffice.counter import pix, views

app_name = "counter"

urlpatterns = [
    path("", admin.site.admin_view(views.counter_page), name="page"),
    path("procurar/", views.FindView.as_view(), name="find"),
    path("hoje/", views.TodayView.as_view(), name="today"),
    path("favoritos/", views.PinView.as_view(), name="pin"),
    path("clientes/", views.CustomersView.as_view(), name="customers"),
    path("preco/", views.PriceView.as_view(), name="price"),
    path("pix/", views.PixView.as_view(), name="pix"),
    path("pix/aguardar/", pix.AwaitView.as_view(), name="await"),
    path("pix/aguardar/<uuid:key>/", pix.AwaitedView.as_view(), name="awaited"),
    path("comandas/", views.ParkedView.as_view(), name="parked"),
    path("comandas/<uuid:public_id>/", views.OneParkedView.as_view(), name="one-parked"),
    path("vender/", views.SellView.as_view(), name="sell"),
    path("telefone/", views.PhoneView.as_view(), name="phone"),
    path("telefone/horarios/", views.TimesView.as_view(), name="times"),
    path("vendas/", views.SalesView.as_view(), name="sales"),
    path("<str:number>/desfazer/", views.UndoView.as_view(), name="undo"),
    path("<str:number>/recibo.pdf", views.ReceiptView.as_view(), name="receipt"),
]
