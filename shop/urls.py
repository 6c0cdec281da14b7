"""Routes of the shop's own page, below /api/v1/."""

from django.urls import path

from shop.views import ShopView

urlpatterns = [path("shop/", ShopView.as_view(), name="shop")]
