"""The pages' addresses, below the desk's own."""

from django.contrib import admin
from django.urls import path

from backoffice.one import counts, prices, refunds

app_name = "one"

urlpatterns = [
    path("preco/", admin.site.admin_view(prices.price_page), name="price"),
    path("contagem/", admin.site.admin_view(counts.count_page), name="count"),
    path("devolucao/", admin.site.admin_view(refunds.refund_page), name="refund"),
]
