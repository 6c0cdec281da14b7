"""Routes of money, below /api/v1/."""

from django.urls import path

from payments import views

urlpatterns = [
    path("orders/<str:number>/confirm/", views.OrderConfirmView.as_view(), name="order-confirm"),
    path("orders/<str:number>/payments/", views.OrderPaymentsView.as_view(), name="order-payments"),
    path("payments/webhooks/<slug:gateway>/", views.GatewayWebhookView.as_view(), name="payment-webhook"),
    path("orders/<str:number>/refunds/", views.OrderRefundsView.as_view(), name="order-refunds"),
]
