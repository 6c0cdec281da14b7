"""Routes of the stock, below /api/v1/."""

from django.urls import path

from inventory.views import AdjustmentsView

urlpatterns = [path("stock/adjustments/", AdjustmentsView.as_view(), name="stock-adjustments")]
