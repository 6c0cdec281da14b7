"""Routes of the pages of an order."""

from django.urls import path

from orders.pages import views

urlpatterns = [
    path("orders/<str:number>/", views.OrderPage.as_view(), name="order-page"),
    path("orders/<str:number>/pickup/", views.MovePickupPage.as_view(), name="order-page-pickup"),
    path("orders/<str:number>/cancel/", views.CancelOrderPage.as_view(), name="order-page-cancel"),
]
